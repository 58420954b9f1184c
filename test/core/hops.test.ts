import { describe, expect, test } from 'vitest';
import {
  attributesOf,
  sealOwn,
  sealProvider,
  sealWhole,
  structuredBody,
  type Facts,
} from '../../src/core/envelope.ts';
import { eventId } from '../../src/core/event-id.ts';
import { hopsInHeader, hopsOf } from '../../src/core/hops.ts';

const PLACE = { seq: 1, posthornId: eventId(0, 1, new Uint8Array(5)), recordedAtMs: 0 };
const OWN = { id: '1', source: '/shop', type: 'order.paid', subject: null, time: null };
const FACTS: Facts = {
  id: '1',
  event: 'contact.changed',
  entity: 'contact',
  action: 'updated',
  entityId: '7',
  source: '/superoffice/Cust1',
  account: 'Cust1',
  actor: null,
  webhookName: '"posthornhops":9',
  time: null,
  changes: [],
  identifiers: { posthornhops: '9' },
  assurance: 'none',
  raw: { kind: 'json', text: '{"posthornhops":9}' },
};

const bytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const provider = (hops: number, raw: Facts['raw'] = FACTS.raw) =>
  sealProvider({ ...FACTS, raw }, { ...PLACE, hops, provider: 'superoffice', sourceId: 'src_1', id: '1' });

describe('what a request says', () => {
  test.each([
    [null, 0],
    ['', 0],
    ['0', 0],
    ['1', 1],
    ['42', 42],
    ['-1', 0],
    ['1, 2', 0],
    ['1e9', 0],
    ['0x4', 0],
    ['9999999999', 0],
  ])('%j is %i', (value, hops) => {
    expect(hopsInHeader(value)).toBe(hops);
  });
});

describe('what an event remembers', () => {
  test.each([0, 1, 3])('%i of a provider’s event, whatever its body and facts say', (hops) => {
    expect(hopsOf(provider(hops))).toBe(hops);
    expect(hopsOf(provider(hops, { kind: 'bytes', contentType: 'text/plain' }))).toBe(hops);
  });

  test.each([0, 1, 3])('%i of an own event, whatever it says itself', (hops) => {
    const sealed = sealOwn({ ...OWN, hops }, PLACE);
    expect(hopsOf(sealed)).toBe(hops);
    const raw = bytes({ specversion: '1.0', id: '1', posthornhops: 9, data: { posthornhops: 9 } });
    const shown = JSON.parse(new TextDecoder().decode(structuredBody(sealed, raw))) as object;
    if (hops === 0) expect(shown).not.toHaveProperty('posthornhops');
    else expect(shown).toHaveProperty('posthornhops', hops);
  });

  test('nothing of an event of the relay’s own', () => {
    expect(hopsOf(sealWhole({ data: { posthornhops: 9 } }, PLACE))).toBe(0);
  });

  test('and an event that came from no relay has no such attribute', () => {
    const raw = new TextEncoder().encode('{"posthornhops":9}');
    expect(attributesOf(provider(0), raw).has('posthornhops')).toBe(false);
    expect(attributesOf(provider(2), raw).get('posthornhops')).toBe('2');
  });
});
