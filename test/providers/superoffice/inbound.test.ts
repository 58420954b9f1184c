import { createHash, hash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { sealProvider } from '../../../src/core/envelope.ts';
import { eventId } from '../../../src/core/event-id.ts';
import { superoffice } from '../../../src/providers/superoffice/inbound.ts';
import { type Assurance, type Paths } from '../../../src/providers/provider.ts';
import { SOURCE_ID, arrived, factsOf, read } from '../arrived.ts';

type Members = Readonly<Record<string, unknown>>;

const CHANGED = {
  EventId: '8337ae4a-1dd6-40fd-8dc7-a050664a0af7',
  Timestamp: '2018-04-24T07:50:50.6812131Z',
  Changes: ['contact_id'],
  Event: 'contact.changed',
  PrimaryKey: 994863,
  Entity: 'contact',
  ContextIdentifier: 'Cust1234',
  ChangedByAssociateId: 316,
  WebhookName: 'Name you provided',
};

function facts(members: Members, headers: Readonly<Record<string, string>> = {}, paths: Paths = {}) {
  return factsOf(superoffice, arrived(JSON.stringify({ ...CHANGED, ...members }), headers), paths);
}

/** Facts of a body given as text, for what JSON.stringify cannot write. */
function factsOfText(text: string, paths: Paths = {}) {
  return factsOf(superoffice, arrived(text), paths);
}

const named = ({ entity, action }: { entity: string; action: string }) => `${entity}.${action}`;

describe('what is no event', () => {
  test.each<[string, string | Uint8Array, string]>([
    ['an empty body', '', 'an empty body'],
    ['text', 'contact.changed', 'text that is not JSON'],
    ['truncated JSON', '{"Event":"contact.changed"', 'text that is not JSON'],
    ['an array', '[{"Event":"contact.changed"}]', 'array'],
    ['a string', '"contact.changed"', 'string'],
    ['null', 'null', 'null'],
    ['invalid UTF-8', Uint8Array.of(0x22, 0xff, 0x22), 'bytes that are not UTF-8'],
    ['UTF-16', Uint8Array.of(0xff, 0xfe, 0x7b, 0, 0x7d, 0), 'bytes that are not UTF-8'],
    ['two byte order marks', '\ufeff\ufeff{"Event":"a.b"}', 'text that is not JSON'],
  ])('%s is malformed, with X-Hook-Test too', (_, body, got) => {
    const malformed = { kind: 'malformed', path: '', expected: 'a JSON object in UTF-8', got };
    expect(read(superoffice, arrived(body))).toEqual(malformed);
    expect(read(superoffice, arrived(body, { 'x-hook-test': 'true' }))).toEqual(malformed);
  });

  test.each<[string, string]>([
    ['{}', 'nothing'],
    ['{"event":"contact.changed"}', 'nothing'],
    ['{"Event":""}', '""'],
    ['{"Event":null}', 'null'],
    ['{"Event":7}', '7'],
    ['{"Event":["contact.changed"]}', 'array'],
    ['{"Event":{}}', 'object'],
  ])('%s is malformed, with X-Hook-Test a test', (body, got) => {
    const expected = 'a string of 1 to 4096 characters';
    expect(read(superoffice, arrived(body))).toEqual({ kind: 'malformed', path: '/Event', expected, got });
    expect(read(superoffice, arrived(body, { 'x-hook-test': 'true' }))).toEqual({ kind: 'test' });
  });

  test.each(['test', 'Test', 'TEST'])('H2: Event %j is a test', (Event) => {
    expect(read(superoffice, arrived(JSON.stringify({ Event })))).toEqual({ kind: 'test' });
  });

  test('H2: the unsigned header makes no test of an event', () => {
    expect(facts({}, { 'x-hook-test': 'true' }).event).toBe('contact.changed');
    expect(facts({ Event: 'test.changed' }).event).toBe('test.changed');
  });
});

describe('the id', () => {
  const hashOf = (body: string) => createHash('sha256').update(body).digest('base64url');

  test('is the EventId of the body, whatever the header says', () => {
    expect(facts({}, { 'x-superoffice-eventid': 'other' }).id).toBe(CHANGED.EventId);
  });

  test.each(
    [undefined, null, '', 5.5e300, {}, 'x'.repeat(4097), 'a\u0000'].filter((id) => typeof id !== 'number'),
  )('is that of the header when the body has %j', (EventId) => {
    expect(facts({ EventId }, { 'x-superoffice-eventid': 'from-the-header' }).id).toBe('from-the-header');
  });

  test('E5: is the hash of the exact bytes when there is none', () => {
    const body = '{"Event":"sale.deleted"}';
    expect(factsOf(superoffice, arrived(body, { 'x-superoffice-eventid': '' })).id).toBe(hashOf(body));
    expect(factsOfText(body).id).toBe(hashOf(body));
    expect(factsOfText(` ${body}`).id).toBe(hashOf(` ${body}`));
    expect(factsOfText(body).id).not.toBe(factsOfText(` ${body}`).id);
  });
});

describe('H6: an event name', () => {
  test.each<[string, string]>([
    ['contact.changed', 'contact.updated'],
    ['contact.created', 'contact.created'],
    ['contact.softdeleted', 'contact.softdeleted'],
    ['sale.sold', 'sale.sold'],
    ['list.category.softdeleted', 'list.category.softdeleted'],
    ['list.110.created', 'list.110.created'],
    ['y_table.deleted', 'y_table.deleted'],
    ['webhook123.errors', 'webhook123.errors'],
    ['window.closed', 'window.closed'],
    ['chatSession.Message', 'chatsession.message'],
    ['CONTACT.CHANGED', 'contact.updated'],
    ['nodot', 'nodot.received'],
    ['trailing.', 'trailing..received'],
    ['.leading', '.leading.received'],
    ['...', '....received'],
    ['changed', 'changed.received'],
    ['constructor', 'constructor.received'],
    ['__proto__.changed', '__proto__.updated'],
  ])('%s → %s', (Event, expected) => {
    const read = facts({ Event, Entity: undefined });
    expect([named(read), read.event]).toEqual([expected, Event]);
  });

  test('of 4,000 characters passes through; one over 4,096 is refused', () => {
    const Event = `${'x'.repeat(3992)}.changed`;
    expect(facts({ Event, Entity: undefined })).toMatchObject({
      event: Event,
      entity: 'x'.repeat(3992),
      action: 'updated',
    });
    const long = JSON.stringify({ Event: 'x'.repeat(4097) });
    const malformed = { kind: 'malformed', path: '/Event', got: 'a long string' };
    expect(read(superoffice, arrived(long))).toMatchObject(malformed);
    expect(read(superoffice, arrived(long, { 'x-hook-test': 'true' }))).toMatchObject(malformed);
  });

  test('with characters that no type may have is kept in the data alone', () => {
    const read = facts({ Event: 'a\r\nb\ud800.changed', Entity: undefined, PrimaryKey: '1\u0000' });
    const place = { seq: 1, posthornId: eventId(0, 1, new Uint8Array(5)), recordedAtMs: 0 };
    const sealed = sealProvider(read, { provider: 'superoffice', sourceId: SOURCE_ID, id: 'x', ...place });
    expect(read.event).toBe('a\r\nb\ud800.changed');
    expect(sealed.type).toBe('superoffice.a\ufffd\ufffdb\ufffd.updated');
    expect(sealed.subject).toBe('a\ufffd\ufffdb\ufffd/1\ufffd');
  });
});

describe('H4: the members', () => {
  test.each<[string, unknown, string[]]>([
    ['null', null, []],
    ['missing', undefined, []],
    ['a string', 'contact_id', []],
    ['an object', { 0: 'contact_id' }, []],
    ['empty', [], []],
    ['mixed', ['a', 1, null, ['b'], { c: 'd' }, true, '', 'e'], ['a', '', 'e']],
  ])('Changes %s', (_, Changes, expected) => {
    expect(facts({ Changes }).changes).toEqual(expected);
  });

  test.each<[string, unknown, Record<string, string>]>([
    ['missing', undefined, {}],
    ['null', null, {}],
    ['empty', {}, {}],
    ['an array', ['sale_id'], {}],
    ['a number', 4, {}],
    [
      'mixed',
      { a: 1, b: 'two', c: null, d: { e: 1 }, f: [1], g: true, h: '', '': 5 },
      { a: '1', b: 'two', g: 'true', h: '', '': '5' },
    ],
  ])('Values %s', (_, Values, expected) => {
    expect({ ...facts({ Values }).identifiers }).toEqual(expected);
  });

  test('Values keep the text of numbers, and the last of duplicates', () => {
    const text = '{"Event":"sale.deleted","Values":{"a":9223372036854775808,"b":100.0,"c":1,"c":2}}';
    expect({ ...factsOfText(text).identifiers }).toEqual({ a: '9223372036854775808', b: '100.0', c: '2' });
  });

  test('Changes or Values of more than 65,536 characters say nothing; the body keeps them', () => {
    const Changes = Array.from({ length: 10_000 }, (_, at) => `column_${at}`);
    expect(facts({ Changes }).changes).toEqual([]);
    expect(facts({ Changes: Changes.slice(0, 1000) }).changes).toHaveLength(1000);
    expect(facts({ Values: Object.fromEntries(Changes.map((name) => [name, 1])) }).identifiers).toEqual({});
  });

  test.each<[string, string, string | null]>([
    ['a number', '994863', '994863'],
    ['negative', '-1', '-1'],
    ['int32 max', '2147483647', '2147483647'],
    ['beyond 2^53', '9223372036854775808', '9223372036854775808'],
    ['a fraction as sent', '100.0', '100.0'],
    ['numeric text', '"42"', '42'],
    ['other text', '"A-1/2 é"', 'A-1/2 é'],
    ['0', '0', null],
    ['text 0', '"0"', null],
    ['0.0', '0.0', null],
    ['-0', '-0', null],
    ['blank', '" "', null],
    ['empty', '""', null],
    ['null', 'null', null],
    ['true', 'true', null],
    ['an array', '[1]', null],
    ['an object', '{"id":1}', null],
  ])('PrimaryKey %s', (_, text, expected) => {
    expect(factsOfText(`{"Event":"contact.changed","PrimaryKey":${text}}`).entityId).toBe(expected);
  });

  test('PrimaryKey missing: no entityId', () => {
    expect(facts({ PrimaryKey: undefined }).entityId).toBeNull();
  });

  test('Entity wins over the name, in lower case', () => {
    expect(named(facts({ Event: 'webhook123.errors', Entity: 'Webhook' }))).toBe('webhook.errors');
    expect(named(facts({ Event: 'nodot', Entity: 'Person' }))).toBe('person.received');
  });

  test.each([undefined, null, '', {}, 'x'.repeat(4097)])(
    'Entity %.10j: the name before its last dot',
    (Entity) => {
      expect(named(facts({ Entity }))).toBe('contact.updated');
    },
  );

  test('ContextIdentifier names the source, percent-encoded, and the account', () => {
    expect(facts({})).toMatchObject({ source: '/superoffice/Cust1234', account: 'Cust1234' });
    expect(facts({ ContextIdentifier: 'a b/ø?#' })).toMatchObject({
      source: '/superoffice/a%20b%2F%C3%B8%3F%23',
      account: 'a b/ø?#',
    });
    expect(facts({ ContextIdentifier: '\ud800' }).source).toBe('/superoffice/%EF%BF%BD');
  });

  test.each([undefined, null, '', []])(
    'ContextIdentifier %j: the source is named by its id',
    (ContextIdentifier) => {
      expect(facts({ ContextIdentifier })).toMatchObject({
        source: `/superoffice/${SOURCE_ID}`,
        account: null,
      });
    },
  );

  test('absent members are absent facts', () => {
    const { id, raw, ...others } = factsOfText('{"Event":"contact.changed"}');
    expect([typeof id, raw.kind]).toEqual(['string', 'json']);
    expect({ ...others, identifiers: { ...others.identifiers } }).toEqual({
      event: 'contact.changed',
      entity: 'contact',
      action: 'updated',
      entityId: null,
      source: `/superoffice/${SOURCE_ID}`,
      account: null,
      actor: null,
      webhookName: null,
      time: null,
      changes: [],
      identifiers: {},
      assurance: 'none',
    });
  });

  test('an associate 0, the system, is an actor', () => {
    expect(facts({ ChangedByAssociateId: 0 }).actor).toBe('0');
  });

  test('what the caller verified is kept as a fact', () => {
    const reading = superoffice.read(arrived('{"Event":"a.b"}'), {
      paths: {},
      sourceId: SOURCE_ID,
      assurance: 'signature',
    });
    expect(reading).toMatchObject({ kind: 'events', items: [{ facts: { assurance: 'signature' } }] });
  });

  test('C1: a signed body without an EventId has the hash of its bytes for an id, not the unsigned header', () => {
    const request = arrived('{"Event":"a.b"}', { 'x-superoffice-eventid': 'from-a-header' });
    const idWith = (assurance: Assurance) => {
      const reading = superoffice.read(request, { paths: {}, sourceId: SOURCE_ID, assurance });
      return reading.kind === 'events' ? reading.items[0]?.facts.id : null;
    };
    expect(idWith('none')).toBe('from-a-header');
    expect(idWith('signature')).toBe(hash('sha256', '{"Event":"a.b"}', 'base64url'));
  });

  test('the event type of the URL is not for SuperOffice', () => {
    expect(factsOf(superoffice, arrived('{"Event":"a.b"}', {}, 'CREATE_CONTACT')).event).toBe('a.b');
  });
});

describe('H7: odd JSON', () => {
  test('members named __proto__ and constructor do no harm', () => {
    const text =
      '{"__proto__":{"Event":"a.b","EventId":"x"},"constructor":{"prototype":1},"Event":"sale.deleted",' +
      '"Values":{"__proto__":1,"constructor":2,"toString":3}}';
    const { event, identifiers } = factsOfText(text);
    expect(event).toBe('sale.deleted');
    expect(Object.entries(identifiers)).toEqual([
      ['__proto__', '1'],
      ['constructor', '2'],
      ['toString', '3'],
    ]);
    expect(({} as Members).Event).toBeUndefined();
    expect(read(superoffice, arrived('{"__proto__":{"Event":"a.b"}}')).kind).toBe('malformed');
  });

  test('of duplicate members the last one counts', () => {
    const text = '{"Event":"a.created","PrimaryKey":1,"Event":"b.created","PrimaryKey":2}';
    expect(factsOfText(text)).toMatchObject({ event: 'b.created', entityId: '2' });
    expect(read(superoffice, arrived('{"Event":"a.b","Event":"test"}'))).toEqual({ kind: 'test' });
    expect(read(superoffice, arrived('{"Event":"a.b","Event":null}')).kind).toBe('malformed');
  });

  test('10,000 levels of nesting anywhere are read', () => {
    const deep = `${'['.repeat(10_000)}${']'.repeat(10_000)}`;
    const objects = `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`;
    const text = `{"Custom":${deep},"Event":"a.b","Values":${objects},"Changes":${deep},"PrimaryKey":7}`;
    expect(factsOfText(text, { account: '/Custom/0/0' })).toMatchObject({
      entityId: '7',
      changes: [],
      account: null,
    });
  });

  test('a byte order mark is not part of the text, but of the bytes that the id is made of', () => {
    const plain = factsOfText('{"Event":"a.b"}');
    const marked = factsOfText('\ufeff{"Event":"a.b"}');
    expect(marked.raw).toEqual(plain.raw);
    expect(marked.id).not.toBe(plain.id);
  });
});

describe('H13: paths', () => {
  test('override the facts they name', () => {
    const members = {
      Custom: { kind: 'order.paid', key: 9.5, list: ['acc', '2020-01-01T00:00:00Z', 'id-1'] },
    };
    const paths = {
      eventType: '/Custom/kind',
      entityId: '/Custom/key',
      account: '/Custom/list/0',
      time: '/Custom/list/1',
      eventId: '/Custom/list/2',
    };
    expect(facts({ ...members, Entity: undefined }, {}, paths)).toMatchObject({
      event: 'order.paid',
      entity: 'order',
      action: 'paid',
      entityId: '9.5',
      account: 'acc',
      source: '/superoffice/Cust1234',
      time: '2020-01-01T00:00:00Z',
      id: 'id-1',
    });
  });

  test.each([
    '/nothing',
    '/Changes',
    '/Changes/-',
    '/Changes/7',
    '/None',
    '/True',
    '/Empty',
    'Event',
    '/~7',
    '',
  ])('%j leads to no fact: the ordinary rule holds', (pointer) => {
    const paths = {
      eventType: pointer,
      entityId: pointer,
      account: pointer,
      time: pointer,
      eventId: pointer,
    };
    const members = { None: null, True: true, Empty: '' };
    const { raw: _raw, ...read } = facts(members, {}, paths);
    const { raw: _same, ...ordinary } = facts(members);
    expect(read).toEqual(ordinary);
  });

  test('may name the event of a body without Event', () => {
    expect(factsOfText('{"ChangeType":5}', { eventType: '/ChangeType' })).toMatchObject({
      event: '5',
      entity: '5',
    });
  });

  test('do not hide the test event', () => {
    const body = '{"Event":"test","Custom":"order.paid"}';
    expect(read(superoffice, arrived(body), { eventType: '/Custom' })).toEqual({ kind: 'test' });
  });

  test('to an entity id of 0 lead to no subject', () => {
    expect(facts({ Custom: 0 }, {}, { entityId: '/Custom' }).entityId).toBeNull();
  });
});
