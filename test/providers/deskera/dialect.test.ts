/** Deskera's registration calls: six members, 22 types, and not one credential in what comes back. */
import { describe, expect, test } from 'vitest';
import { errorAnswer, readRegistration, typeOfEvent } from '../../../src/providers/deskera/dialect.ts';
import { DOCUMENTED_EVENTS } from '../../../src/providers/deskera/event-name.ts';
import { noSamples, sampleJson } from '../../support/samples.ts';

const REGISTRATION = {
  clientId: 'cl_pub',
  clientSecret: 'cl_priv',
  accessToken: 'access',
  refreshToken: 'refresh',
  eventType: 'CREATE_PRODUCTS',
  webhookUrl: 'https://example.com/hook',
};
const anyUrl = () => null;

function fields(body: unknown, problemOf: (url: string) => string | null = anyUrl): string[] {
  const reading = readRegistration(body, problemOf);
  return reading.ok ? [] : reading.errors.map(({ field }) => field);
}

describe('the body of a register call', () => {
  test('gives the type and the URL, and nothing of the four credentials', () => {
    expect(readRegistration(REGISTRATION, anyUrl)).toEqual({
      ok: true,
      eventType: 'CREATE_PRODUCTS',
      webhookUrl: 'https://example.com/hook',
    });
  });

  for (const member of Object.keys(REGISTRATION)) {
    test.each([undefined, '', ' ', '\t\n', null, 7, 0, true, [], ['x'], {}])(
      `${member} as %j is refused by its name, and by no other`,
      (value) => {
        expect(fields({ ...REGISTRATION, [member]: value })).toEqual([member]);
      },
    );
  }

  test('everything wrong is named at once, without a value', () => {
    const reading = readRegistration(
      { clientId: 7, eventType: 'hunter2', webhookUrl: 'hunter3' },
      () => 'no',
    );
    expect(reading).toMatchObject({
      errors: [
        { field: 'clientId' },
        { field: 'clientSecret' },
        { field: 'accessToken' },
        { field: 'refreshToken' },
        { field: 'eventType' },
        { field: 'webhookUrl', error: 'no' },
      ],
    });
    expect(JSON.stringify(reading)).not.toContain('hunter');
  });

  test.each([null, [], [REGISTRATION], 'text', 7, undefined])('%j is no registration', (body) => {
    expect(fields(body)).toEqual(['']);
  });

  test('inherited members are none', () => {
    expect(fields(Object.create(REGISTRATION))).toHaveLength(6);
  });

  test('unknown members are ignored', () => {
    expect(fields({ ...REGISTRATION, tenantId: 1, __proto__: null })).toEqual([]);
  });

  test.skipIf(noSamples)('the page’s own sample is refused for its URL alone', () => {
    expect(fields(sampleJson('deskera/register_request.json'), () => 'no URL')).toEqual(['webhookUrl']);
  });
});

describe('event types', () => {
  test('there are 22, each with a type of its own', () => {
    const types = [...DOCUMENTED_EVENTS.keys()].map(typeOfEvent);
    expect(types).toHaveLength(22);
    expect(new Set(types).size).toBe(22);
    for (const type of types) expect(type).toMatch(/^deskera\.[a-z_]+\.(created|updated|deleted|in|out)$/);
  });

  test.each([
    ['CREATE_PRODUCTS', 'deskera.product.created'],
    ['CREATE_CONTACT', 'deskera.contact.created'],
    ['UPDATE_CRM_DEAL', 'deskera.crm_deal.updated'],
    ['DELETE_CREDITNOTE', 'deskera.creditnote.deleted'],
    ['STOCK_IN', 'deskera.stock.in'],
  ])('%s stands for %s', (eventType, type) => {
    expect(typeOfEvent(eventType)).toBe(type);
  });

  test.each(['create_products', 'CREATE_PRODUCT', 'CREATE_CONTACTS', ' CREATE_CONTACT', 'constructor', '*'])(
    '%j is none of them',
    (eventType) => {
      expect(fields({ ...REGISTRATION, eventType })).toEqual(['eventType']);
    },
  );
});

describe('errors', () => {
  test('have the shape of Deskera’s Java SDK', () => {
    expect(errorAnswer(400, 'wrong', [{ field: 'a', error: 'b' }])).toEqual({
      code: 400,
      errorMessage: 'wrong',
      httpStatus: 'BAD_REQUEST',
      errors: [{ field: 'a', error: 'b' }],
    });
    expect(errorAnswer(401, 'no', [])).toEqual({ code: 401, errorMessage: 'no', httpStatus: 'UNAUTHORIZED' });
  });

  test.each([400, 401, 403, 404, 413, 415, 500, 503])('%i has a name', (status) => {
    expect(errorAnswer(status, '', []).httpStatus).toMatch(/^[A-Z_]+$/);
  });
});
