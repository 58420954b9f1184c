import { describe, expect, test } from 'vitest';
import { Outlook } from '../../src/hook/outlook.ts';

const LIMIT = 3;
const A = { seq: 1, lane: 'a' };
const B = { seq: 2, lane: 'b' };
const FREE = { seq: 3, lane: null };
const busy =
  (...lanes: string[]) =>
  (lane: string | null) =>
    lane !== null && lanes.includes(lane);
const whole = (...upcoming: { seq: number; lane: string | null }[]) =>
  new Outlook(upcoming, true, LIMIT, Infinity);

test('the first whose lane is not busy; one in no lane waits for none', () => {
  const outlook = whole(A, B, FREE);
  expect(outlook.first(busy())).toBe(1);
  expect(outlook.first(busy('a'))).toBe(2);
  expect(outlook.first(busy('b', 'a'))).toBe(3);
});

test('what is under way is not next again', () => {
  const outlook = whole(A, B);
  outlook.remove(1);
  outlook.remove(7);
  expect(outlook.first(busy())).toBe(2);
  outlook.remove(2);
  expect(outlook.first(busy())).toBeNull();
});

describe('where all are busy or gone', () => {
  test('there is none, if none was left out', () => {
    expect(whole(A).first(busy('a'))).toBeNull();
    expect(whole().isUsedUp).toBe(false);
  });

  test('it may be one that was left out', () => {
    const outlook = new Outlook([A], false, LIMIT, Infinity);
    expect(outlook.first(busy('a'))).toBe('unknown');
    expect(outlook.isUsedUp).toBe(false);
    outlook.remove(1);
    expect(outlook.isUsedUp).toBe(true);
  });
});

describe('what joins the tail', () => {
  test('comes last', () => {
    const outlook = whole(A);
    outlook.add(B);
    expect(outlook.first(busy())).toBe(1);
    expect(outlook.first(busy('a'))).toBe(2);
  });

  test('is left out above the limit, and so is all that comes after it, also when there is room again', () => {
    const outlook = whole(A, A, A);
    outlook.add(B);
    outlook.remove(1);
    outlook.add(FREE);
    expect(outlook.first(busy('a'))).toBe('unknown');
  });
});
