/** SuperOffice's Webhook entity: what is read, in which spelling, and what is refused by name of its member. */
import { describe, expect, test } from 'vitest';
import {
  defaultWebhook,
  MASK,
  patternOfEvent,
  readWebhook,
  type WebhookInput,
} from '../../../src/providers/superoffice/webhook.ts';
import { noSamples, sampleJson } from '../../support/samples.ts';

const WEBHOOK = { Name: 'n', Events: ['contact.created'], TargetUrl: 'https://example.com/hook' };

function read(members: Readonly<Record<string, unknown>>): WebhookInput {
  const reading = readWebhook({ ...WEBHOOK, ...members });
  if (!reading.ok) throw new Error(reading.messages.join('; '));
  return reading.webhook;
}

function refusal(members: Readonly<Record<string, unknown>>): string {
  const reading = readWebhook({ ...WEBHOOK, ...members });
  if (reading.ok) throw new Error('expected a refusal');
  return reading.messages.join('; ');
}

describe('what is read', () => {
  test.each([
    [null, null],
    ['None', 'None'],
    ['firstfailure', 'FirstFailure'],
    ['Disabling, FirstFailure', 'FirstFailure, Disabling'],
    [0, 'None'],
    [2, 'Disabling'],
    [3, 'FirstFailure, Disabling'],
    [[1, 2], 'FirstFailure, Disabling'],
    [[], 'None'],
  ])('NotifyVia and NotifyWhen: %j is %j', (sent, kept) => {
    expect(read({ NotifyWhen: sent }).notes.notifyWhen).toBe(kept);
    const via =
      typeof sent === 'string' ? sent.replace(/firstfailure/i, 'Email').replace(/disabling/i, 'InApp') : sent;
    const keptVia = kept?.replace('FirstFailure', 'Email').replace('Disabling', 'InApp') ?? null;
    expect(read({ NotifyVia: via }).notes.notifyVia).toBe(keptVia);
  });

  test.skipIf(noSamples)('the default webhook is the vendor’s, member by member and in its order', () => {
    const sample = sampleJson('superoffice/default_webhook.json');
    expect(JSON.stringify(defaultWebhook())).toBe(JSON.stringify(sample));
  });

  test('members that are absent or null have their defaults', () => {
    const defaults = {
      name: '',
      events: ['contact.created'],
      type: 'webhook',
      targetUrl: 'https://example.com/hook',
      secret: null,
      state: 'Active',
      headers: null,
      properties: null,
      errorsEmail: null,
      notes: { description: null, errorEmails: null, notifyVia: null, notifyWhen: null },
    };
    expect(readWebhook({ Events: WEBHOOK.Events, TargetUrl: WEBHOOK.TargetUrl })).toEqual({
      ok: true,
      webhook: defaults,
    });
    const nothing = {
      Name: null,
      Secret: null,
      State: null,
      Type: null,
      Headers: null,
      Properties: null,
      ErrorsEmail: null,
    };
    expect(read(nothing)).toEqual(defaults);
  });

  test('names of members count in any case; of two spellings the later one counts', () => {
    const webhook = { nAmE: 'a', EVENTS: ['x.y'], targeturl: 'https://example.com', errorsemail: 'a@b' };
    expect(readWebhook(webhook)).toMatchObject({
      webhook: { name: 'a', events: ['x.y'], targetUrl: 'https://example.com', errorsEmail: 'a@b' },
    });
    expect(read({ name: 'camel' }).name).toBe('camel');
    expect(readWebhook({ name: 'camel', ...WEBHOOK, Name: 'Pascal' })).toMatchObject({
      webhook: { name: 'Pascal' },
    });
  });

  test('unknown members and those the server owns are ignored', () => {
    const owned = {
      WebhookId: 7,
      Registered: 5,
      Updated: 'yesterday',
      RegisteredAssociate: {},
      UpdatedAssociate: [],
      TotalCalls: -1,
      _Links: 3,
      Whatever: { a: 1 },
      constructor: 1,
    };
    expect(read(owned)).toEqual(read({}));
  });

  test.each([
    ['Active', 'Active'],
    ['active', 'Active'],
    ['STOPPED', 'Stopped'],
    ['TooManyErrors', 'TooManyErrors'],
    ['toomanyerrors', 'TooManyErrors'],
    [1, 'Active'],
    [2, 'Stopped'],
    [3, 'TooManyErrors'],
    [null, 'Active'],
  ])('State %j is %s', (sent, state) => {
    expect(read({ State: sent }).state).toBe(state);
  });

  test.each(['Unknown', 'unknown', 0, 4, -1, 1.5, '1', '', 'Paused', true, {}, []])(
    'State %j is refused',
    (sent) => {
      expect(refusal({ State: sent })).toMatch(/^Webhook State: expected Active, Stopped or TooManyErrors/);
    },
  );

  test('a Secret that is null or empty is none; the mask stands for itself', () => {
    expect(read({ Secret: null }).secret).toBeNull();
    expect(read({ Secret: '' }).secret).toBeNull();
    expect(read({ Secret: MASK }).secret).toBe(MASK);
    expect(read({ Secret: ' ' }).secret).toBe(' ');
  });

  test('a Secret has up to 400 characters, and a refused one is not repeated', () => {
    expect(read({ Secret: 's'.repeat(400) }).secret).toHaveLength(400);
    const message = refusal({ Secret: 'hunter2'.repeat(60) });
    expect(message).toBe('Webhook Secret: expected text of at most 400 characters, got 420');
  });

  test('Type is webhook or crmscript, in any case of letters', () => {
    expect(read({ Type: 'Webhook' })).toEqual(read({}));
    expect(read({ Type: 'CrmScript', TargetUrl: 'ScriptHook1' })).toMatchObject({
      type: 'crmscript',
      targetUrl: 'ScriptHook1',
    });
    expect(refusal({ Type: 'mail' })).toBe('Webhook Type: expected "webhook" or "crmscript", got "mail"');
    expect(refusal({ Type: 7 })).toMatch(/^Webhook Type: /);
    expect(refusal({ Type: 'crmscript' })).toBe(
      'Webhook TargetUrl: expected the include name of a CRMScript, which is no URL, up to 255 characters, got another text',
    );
    expect(refusal({ Type: 'crmscript', TargetUrl: null })).toMatch(/^Webhook TargetUrl: .*got nothing$/);
  });
});

describe('Events', () => {
  test('are kept as sent, a name once, in any spelling', () => {
    expect(read({ Events: ['Contact.Created', 'sale.sold', 'contact.created', 'sale.sold'] }).events).toEqual(
      ['contact.created', 'sale.sold'],
    );
  });

  test('may have names that nobody has documented', () => {
    const names = ['window.closed', 'y_table.changed', 'list.110.created', 'webhook123.errors', 'Ærlig.ny'];
    expect(read({ Events: names }).events).toEqual(names);
  });

  test.each([
    [undefined],
    [null],
    [[]],
    ['contact.created'],
    [{ 0: 'contact.created' }],
    [7],
    [['a.b,c.d']],
    [['*']],
    [['contact.*']],
    [['']],
    [[' contact.created']],
    [['contact created']],
    [['a\nb']],
    [[7]],
    [[null]],
    [['contact.created', ['x.y']]],
    [Array.from({ length: 401 }, (_, at) => `a.b${at}`)],
    [['x'.repeat(4001)]],
    [['x.'.repeat(194) + 'x']],
    [['a..b']],
    [['.created']],
    [['contact.']],
    [['a\u200b.b']],
    [['x'.repeat(2000), 'y'.repeat(2000)]],
  ])('%j is refused', (events) => {
    expect(refusal({ Events: events })).toMatch(/^Webhook Events: expected /);
  });

  test('400 names and 4000 characters with their commas fit', () => {
    const names = Array.from({ length: 400 }, (_, at) => `a.b${at}`);
    expect(read({ Events: names }).events).toHaveLength(400);
    const long = Array.from({ length: 10 }, (_, at) => `${at}.${'x'.repeat(386)}`);
    expect(read({ Events: [...long, 'y'.repeat(110)] }).events).toHaveLength(11);
  });

  test.each([
    ['contact.changed', 'superoffice.contact.updated'],
    ['Contact.Created', 'superoffice.contact.created'],
    ['contact.softdeleted', 'superoffice.contact.softdeleted'],
    ['sale.sold', 'superoffice.sale.sold'],
    ['list.110.created', 'superoffice.list.110.created'],
    ['webhook123.errors', 'superoffice.webhook.errors'],
    ['y_table.deleted', 'superoffice.y_table.deleted'],
  ])('%s stands for %s', (name, pattern) => {
    expect(patternOfEvent(name)).toBe(pattern);
  });
});

describe('what is refused', () => {
  test.each([
    [null, 'null'],
    [[], 'an array'],
    [[WEBHOOK], 'an array'],
    ['text', 'a value of type string'],
    [7, 'a value of type number'],
    [undefined, 'nothing'],
  ])('a body that is %j', (body, got) => {
    expect(readWebhook(body)).toEqual({
      ok: false,
      messages: [`Entity to save is not in request body: expected a JSON object, got ${got}`],
    });
  });

  test.each([
    ['Name', 7],
    ['Name', 'n'.repeat(401)],
    ['TargetUrl', null],
    ['TargetUrl', ''],
    ['TargetUrl', 7],
    ['TargetUrl', `https://example.com/${'x'.repeat(4000)}`],
    ['Secret', 7],
    ['Secret', {}],
    ['Headers', 'X-A: 1'],
    ['Headers', ['X-A']],
    ['Headers X-A', { 'X-A': 1 }],
    ['Headers X-A', { 'X-A': null }],
    ['Headers X-A', { 'X-A': ['1'] }],
    ['Properties', 'a'],
    ['Properties', [1]],
    ['ErrorsEmail', 7],
    ['ErrorsEmail', 'x'.repeat(240)],
    ['ErrorEmails', 'ops@example.com'],
    ['ErrorEmails', [1]],
    ['ErrorEmails', Array.from({ length: 21 }, () => 'a@example.com')],
    ['Description', 'd'.repeat(4001)],
    ['NotifyVia', 'Pigeon'],
    ['NotifyVia', 4],
    ['NotifyWhen', { a: 1 }],
    ['NotifyWhen', [[1]]],
  ])('%s as %j, by its name', (member, value) => {
    const [name = ''] = member.split(' ');
    expect(refusal({ [name]: value })).toMatch(new RegExp(`^Webhook ${member}: expected `));
  });

  test('everything wrong is named at once', () => {
    expect(
      refusal({ Events: [], State: 'x', Name: 7 })
        .match(/Webhook \w+/g)
        ?.sort(),
    ).toEqual(['Webhook Events', 'Webhook Name', 'Webhook State']);
  });
});
