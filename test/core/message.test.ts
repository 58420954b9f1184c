/** Messages as they go over the wire, for events that no request can carry as they are. */
import { describe, expect, test } from 'vitest';
import { sealOwn } from '../../src/core/envelope.ts';
import { eventId } from '../../src/core/event-id.ts';
import { FORMATS, HOOK_DEFAULTS, type HookConfig } from '../../src/core/hook-config.ts';
import { messageOf, type Composed, type MessageEvent } from '../../src/hook/message.ts';

const ID = eventId(0, 1, new Uint8Array(5));

/** An own event, as the log keeps it. */
function ownEvent(members: Readonly<Record<string, unknown>>): MessageEvent {
  const attributes = { id: '1', source: '/shop', type: 'order.paid', subject: null, time: null };
  const posted = { specversion: '1.0', ...attributes, subject: undefined, time: undefined, ...members };
  const place = { seq: 1, posthornId: ID, recordedAtMs: 0 };
  const { head, kind } = sealOwn(attributes, place);
  const { type, subject } = { ...attributes, ...members };
  return {
    head,
    kind,
    id: ID,
    type,
    subject,
    event: type,
    contentType: 'application/json',
    raw: new TextEncoder().encode(JSON.stringify(posted)),
  };
}

function composed(event: MessageEvent, config: Partial<HookConfig>): Composed {
  return messageOf(event, {
    tenant: 'default',
    hookId: 7,
    config: { ...HOOK_DEFAULTS, ...config },
    script: null,
    signers: { secrets: [new Uint8Array(32)], secretKeys: [] },
    attempt: 1,
    sequence: 1,
    replay: null,
    timestampSeconds: 0,
    userAgent: 'Posthorn/test',
  });
}

function headersOf(event: MessageEvent, config: Partial<HookConfig>): Readonly<Record<string, string>> {
  const result = composed(event, config);
  if (result.kind !== 'message') throw new Error(result.problem);
  return result.message.headers;
}

const extensions = (count: number, value = '1'): Record<string, string> =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`x${at}`, value]));

describe('A1: an event with more attributes than a request can carry', () => {
  test('is unsendable in binary, and says why', () => {
    const result = composed(ownEvent(extensions(25_000)), { format: 'binary' });
    expect(result).toMatchObject({ kind: 'unsendable', reason: 'format' });
    expect(result).toHaveProperty(
      'problem',
      expect.stringMatching(/^expected at most 128 headers, got 250\d\d$/),
    );
  });

  test('so is one with more than 32 KiB of them', () => {
    const result = composed(ownEvent(extensions(64, 'v'.repeat(600))), { format: 'binary' });
    expect(result).toMatchObject({ kind: 'unsendable', reason: 'format' });
    expect(result).toHaveProperty(
      'problem',
      expect.stringMatching(/^expected at most 32768 bytes of headers/),
    );
  });

  test('64 of them and 16 KiB go out, beside the 20 headers of a hook', () => {
    const headers = extensions(20, 'h');
    const sent = headersOf(ownEvent(extensions(64, 'v'.repeat(240))), { format: 'binary', headers });
    expect(Object.keys(sent).filter((name) => name.startsWith('ce-x'))).toHaveLength(64);
    expect(sent).toMatchObject({ x0: 'h', 'ce-x0': 'v'.repeat(240) });
  });

  test.each(FORMATS.filter((format) => format !== 'binary' && format !== 'superoffice'))(
    'in %s they are in the body, and it goes out',
    (format) => {
      const template = { contentType: 'text/plain', body: '{{ type }}' };
      expect(composed(ownEvent(extensions(25_000)), { format, template }).kind).toBe('message');
    },
  );

  test.each(FORMATS)('headers of the hook that do not fit make it unsendable in %s too', (format) => {
    const headers = extensions(20, 'h'.repeat(4096));
    const event = ownEvent({ type: 'contact.created', subject: 'contact/1' });
    expect(composed(event, { format, headers }).kind).toBe('unsendable');
  });
});

describe('B4: the headers of raw', () => {
  test('are cut to 1 KiB each; the body is not', () => {
    const subject = '契'.repeat(1000);
    const event = { ...ownEvent({ type: 't'.repeat(2000), subject }), event: 'é'.repeat(1000) };
    const sent = headersOf(event, { format: 'raw' });
    for (const name of ['posthorn-subject', 'posthorn-type', 'posthorn-event']) {
      expect(sent[name]?.length).toBeLessThanOrEqual(1024);
      expect(sent[name]?.length).toBeGreaterThan(1000);
    }
    expect(subject.startsWith(decodeURIComponent(sent['posthorn-subject'] ?? '-'))).toBe(true);
  });
});

test.each(['application/json\u0001', 'text/plain\r\nx: 1', 'type/\u0416'])(
  'a content type that no header can carry (%j) is bytes like any other',
  (contentType) => {
    const event = { ...ownEvent({ datacontenttype: contentType }), contentType };
    expect(headersOf(event, { format: 'raw' })['content-type']).toBe('application/octet-stream');
    expect(headersOf(event, { format: 'binary' })['content-type']).toBe('application/octet-stream');
  },
);

test('what SuperOffice has no words for is unsendable in its format', () => {
  expect(composed(ownEvent({}), { format: 'superoffice' })).toEqual({
    kind: 'unsendable',
    reason: 'format',
    problem: 'expected an event that SuperOffice has words for, got one of another origin',
  });
  expect(
    composed(ownEvent({ type: 'contact.created', subject: 'contact/1' }), { format: 'superoffice' }).kind,
  ).toBe('message');
});

describe('D6: how many relays an event has passed', () => {
  const event = ownEvent({});
  const passed = (hops: number): MessageEvent => {
    const attributes = { id: '1', source: '/shop', type: 'order.paid', subject: null, time: null, hops };
    return { ...event, ...sealOwn(attributes, { seq: 1, posthornId: ID, recordedAtMs: 0 }), id: ID };
  };

  // SuperOffice has no words for an own event.
  const formats = FORMATS.filter((format) => format !== 'superoffice');
  test.each(formats)('is said with every delivery, in %s, this one included', (format) => {
    const template = format === 'template' ? { contentType: 'text/plain', body: 'x' } : null;
    const config: Partial<HookConfig> = { format, template, headers: { 'Posthorn-Hops': '9' } };
    expect(headersOf(event, config)['posthorn-hops']).toBe('1');
    expect(headersOf(passed(2), config)['posthorn-hops']).toBe('3');
  });
});
