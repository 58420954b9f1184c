import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { eventId, isEventId, seqOfEventId } from '../../src/core/event-id.ts';
import { uuidv7 } from '../../src/core/uuid.ts';

const timeMs = fc.integer({ min: 0, max: 2 ** 48 - 1 });
const seq = fc.integer({ min: 0, max: 2 ** 40 - 1 });
const random = fc.uint8Array({ minLength: 5, maxLength: 5 });
const ZERO = new Uint8Array(5);

describe('an event id', () => {
  test('is evt_ and a ULID of the time, the place in the log and the dice', () => {
    expect(eventId(1469918176385, 0, ZERO)).toBe('evt_01ARYZ6S410000000000000000');
    expect(eventId(0, 33, Uint8Array.of(0, 0, 0, 0, 31))).toBe('evt_0000000000000000110000000Z');
    expect(eventId(2 ** 48 - 1, 2 ** 40 - 1, new Uint8Array(5).fill(255))).toBe('evt_7' + 'Z'.repeat(25));
  });

  test('tells its place in the log', () => {
    fc.assert(
      fc.property(timeMs, seq, random, (time, place, dice) => {
        const id = eventId(time, place, dice);
        expect(isEventId(id)).toBe(true);
        expect(seqOfEventId(id)).toBe(place);
      }),
    );
  });

  test('sorts as text by time, then by place', () => {
    fc.assert(
      fc.property(timeMs, timeMs, seq, seq, random, random, (timeA, timeB, seqA, seqB, diceA, diceB) => {
        fc.pre(timeA !== timeB || seqA !== seqB);
        const isBefore = timeA === timeB ? seqA < seqB : timeA < timeB;
        expect(eventId(timeA, seqA, diceA) < eventId(timeB, seqB, diceB)).toBe(isBefore);
      }),
    );
  });

  test.each([
    '',
    'evt_',
    'evt_01ARYZ6S41000000000000000',
    'evt_01ARYZ6S4100000000000000000',
    'evt_01aryz6s410000000000000000',
    'EVT_01ARYZ6S410000000000000000',
    'evt_81ARYZ6S410000000000000000',
    'evt_01ARYZ6S41000000000000000U',
    'evt_01ARYZ6S41000000000000000I',
    'evt_01ARYZ6S410000000000000000\n',
    ' evt_01ARYZ6S410000000000000000',
    '01ARYZ6S410000000000000000',
  ])('is not %j', (text) => {
    expect(seqOfEventId(text)).toBeNull();
  });

  test('is not made of a time, a place or dice out of range', () => {
    expect(() => eventId(-1, 0, ZERO)).toThrow(RangeError);
    expect(() => eventId(2 ** 48, 0, ZERO)).toThrow(RangeError);
    expect(() => eventId(1.5, 0, ZERO)).toThrow(RangeError);
    expect(() => eventId(0, 2 ** 40, ZERO)).toThrow(RangeError);
    expect(() => eventId(0, 0, new Uint8Array(4))).toThrow(RangeError);
  });
});

describe('a UUID of version 7', () => {
  test('is that of RFC 9562, appendix A.6', () => {
    const dice = Uint8Array.of(0x0c, 0xc3, 0x18, 0xc4, 0xdc, 0x0c, 0x0c, 0x07, 0x39, 0x8f);
    expect(uuidv7(0x017f22e279b0, dice)).toBe('017f22e2-79b0-7cc3-98c4-dc0c0c07398f');
  });

  test('has version and variant whatever the dice, and sorts by time', () => {
    const dice = fc.uint8Array({ minLength: 10, maxLength: 10 });
    fc.assert(
      fc.property(timeMs, timeMs, dice, dice, (timeA, timeB, diceA, diceB) => {
        fc.pre(timeA < timeB);
        const [first, second] = [uuidv7(timeA, diceA), uuidv7(timeB, diceB)];
        expect(first).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
        expect(first < second).toBe(true);
      }),
    );
  });

  test('is not made of a time or dice out of range', () => {
    expect(() => uuidv7(2 ** 48, new Uint8Array(10))).toThrow(RangeError);
    expect(() => uuidv7(0, new Uint8Array(16))).toThrow(RangeError);
  });
});
