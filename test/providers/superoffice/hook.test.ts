/** Between SuperOffice's Webhook and the hook that stands for it: masks, states, and what has to be tried out again. */
import { describe, expect, test } from 'vitest';
import { HOOK_DEFAULTS, type HookConfig } from '../../../src/core/hook-config.ts';
import { configOf, entityOf, mustBeTested } from '../../../src/providers/superoffice/hook.ts';
import { MASK, readWebhook, type WebhookInput } from '../../../src/providers/superoffice/webhook.ts';

const WEBHOOK = {
  Name: 'Tonys Contact Handler',
  Events: ['contact.created', 'contact.changed'],
  TargetUrl: 'https://www.myserver.com/superoffice/webhookhandler',
  Secret: 'Something Super Secret',
  Headers: { 'X-Token': 'one', 'X-Other': 'two' },
  Properties: { Custom: { a: [1] } },
  ErrorsEmail: 'ops@example.com',
};

const NO_CALLS = { calls: 0, errors: 0, consecutiveFailures: 0, lastAnswer: null };

function input(members: Readonly<Record<string, unknown>> = {}): WebhookInput {
  const reading = readWebhook({ ...WEBHOOK, ...members });
  if (!reading.ok) throw new Error(reading.messages.join('; '));
  return reading.webhook;
}

function config(members: Readonly<Record<string, unknown>> = {}, current: HookConfig | null = null) {
  return configOf(input(members), current);
}

function entity(saved: HookConfig, state: 'active' | 'paused' | 'disabled' = 'active') {
  return entityOf({ id: 7, config: saved, createdAtMs: 0, updatedAtMs: 1 }, { ...NO_CALLS, state }, null);
}

describe('a saved webhook as a hook', () => {
  test('has the mapped types, the format, and the members that only this dialect knows', () => {
    expect(config()).toEqual({
      ...HOOK_DEFAULTS,
      name: 'Tonys Contact Handler',
      url: 'https://www.myserver.com/superoffice/webhookhandler',
      events: ['superoffice.contact.created', 'superoffice.contact.updated'],
      format: 'superoffice',
      headers: { 'x-token': 'one', 'x-other': 'two' },
      dialect: {
        kind: 'superoffice',
        type: 'webhook',
        events: ['contact.created', 'contact.changed'],
        properties: { Custom: { a: [1] } },
        secret: 'Something Super Secret',
        errorsEmail: 'ops@example.com',
        notes: { description: null, errorEmails: null, notifyVia: null, notifyWhen: null },
        headerNames: ['X-Token', 'X-Other'],
      },
    });
  });

  test('saved again it keeps what only the native API can change', () => {
    const current: HookConfig = { ...config(), sources: ['src_1'], ordering: 'fifo' };
    expect(config({ Name: 'new' }, current)).toMatchObject({
      sources: ['src_1'],
      ordering: 'fifo',
      name: 'new',
    });
  });

  test('absent members go back to their defaults', () => {
    const reading = readWebhook({ Events: ['a.b'], TargetUrl: 'https://example.com' });
    if (!reading.ok) throw new Error('expected a webhook');
    expect(configOf(reading.webhook, config())).toMatchObject({
      name: '',
      headers: {},
      dialect: { secret: null, properties: null, errorsEmail: null, headerNames: null },
    });
  });

  test('two names of one type are one pattern', () => {
    expect(config({ Events: ['webhook1.errors', 'webhook2.errors'] }).events).toEqual([
      'superoffice.webhook.errors',
    ]);
  });

  test('the mask keeps the Secret, null and an empty one remove it', () => {
    const current = config();
    const secretOf = (Secret: unknown) => config({ Secret }, current).dialect;
    expect(secretOf(MASK)).toMatchObject({ secret: 'Something Super Secret' });
    expect(secretOf(null)).toMatchObject({ secret: null });
    expect(secretOf('')).toMatchObject({ secret: null });
    expect(secretOf('new')).toMatchObject({ secret: 'new' });
    expect(config({ Secret: MASK }).dialect).toMatchObject({ secret: null });
  });

  test('the mask keeps the value of a header, in any case of its name', () => {
    const kept = config({ Headers: { 'x-TOKEN': MASK, 'X-New': 'three' } }, config());
    expect(kept.headers).toEqual({ 'x-token': 'one', 'x-new': 'three' });
    expect(kept.dialect).toMatchObject({ headerNames: ['x-TOKEN', 'X-New'] });
  });

  test.each(['constructor', '__proto__', 'toString', 'hasOwnProperty'])(
    'a masked header named %s takes nothing from the language itself',
    (name) => {
      const Headers = JSON.parse(`{"${name}":"${MASK}"}`) as unknown;
      const values = Object.values(config({ Headers }, config()).headers);
      expect(values.filter((value) => value !== MASK)).toEqual([]);
    },
  );
});

describe('the entity that is answered', () => {
  test('is in PascalCase, masked, and has no links in lists', () => {
    expect(entity(config())).toEqual({
      WebhookId: 7,
      Name: 'Tonys Contact Handler',
      Events: ['contact.created', 'contact.changed'],
      TargetUrl: 'https://www.myserver.com/superoffice/webhookhandler',
      Secret: MASK,
      State: 'Active',
      Type: 'webhook',
      Headers: { 'X-Token': MASK, 'X-Other': MASK },
      Properties: { Custom: { a: [1] } },
      Registered: '1970-01-01T00:00:00.000Z',
      RegisteredAssociate: null,
      Updated: '1970-01-01T00:00:00.001Z',
      UpdatedAssociate: null,
      ErrorsEmail: 'ops@example.com',
      ErrorEmails: null,
      ErrorAssociates: null,
      Description: null,
      NotifyVia: null,
      NotifyWhen: null,
      TotalCalls: 0,
      TotalErrors: 0,
      ConsecutiveErrors: 0,
      LastError: '',
    });
  });

  test('a hook that was saved before there were notes has none', () => {
    const { notes: _, ...dialect } = config().dialect as Extract<
      HookConfig['dialect'],
      { kind: 'superoffice' }
    >;
    expect(entity({ ...config(), dialect })).toMatchObject({ Description: null, NotifyWhen: null });
  });

  test('tells no Secret where there is none', () => {
    expect(entity(config({ Secret: null, Headers: null }))).toMatchObject({ Secret: null, Headers: null });
  });

  test.each([
    ['active', 'Active'],
    ['paused', 'Stopped'],
    ['disabled', 'TooManyErrors'],
  ] as const)('a hook that is %s is %s', (state, State) => {
    expect(entity(config(), state).State).toBe(State);
  });

  test('saved as it was answered it changes nothing', () => {
    const before = config();
    expect(config(entity(before), before)).toEqual(before);
  });
});

describe('what has to be tried out', () => {
  test('a new one', () => {
    expect(mustBeTested(config(), null, 'active')).toBe(true);
  });

  test.each([
    ['TargetUrl', { TargetUrl: 'https://www.myserver.com/other' }],
    ['Secret', { Secret: 'another' }],
    ['a removed Secret', { Secret: null }],
    ['the value of a header', { Headers: { 'X-Token': 'new', 'X-Other': 'two' } }],
    ['one header less', { Headers: { 'X-Token': 'one' } }],
    ['no headers', { Headers: null }],
  ])('another %s', (_what, members) => {
    const before = config();
    expect(mustBeTested(config(members, before), before, 'active')).toBe(true);
    expect(mustBeTested(config({ ...members, State: 'Stopped' }, before), before, 'active')).toBe(true);
  });

  test.each([
    ['nothing at all', {}],
    ['Name', { Name: 'new' }],
    ['Events', { Events: ['sale.sold'] }],
    ['Properties', { Properties: null }],
    ['ErrorsEmail', { ErrorsEmail: null }],
    ['State to Stopped', { State: 'Stopped' }],
    ['masks', { Secret: MASK, Headers: { 'X-Token': MASK, 'X-Other': MASK } }],
    ['the order and case of headers', { Headers: { 'x-other': 'two', 'x-token': 'one' } }],
  ])('not: %s', (_what, members) => {
    const before = config();
    expect(mustBeTested(config(members, before), before, 'active')).toBe(false);
  });

  test.each(['paused', 'disabled'] as const)('setting a %s one active, not leaving it as it is', (state) => {
    const before = config();
    expect(mustBeTested(before, before, state)).toBe(true);
    expect(mustBeTested(config({ State: 'Stopped' }, before), before, state)).toBe(false);
  });
});
