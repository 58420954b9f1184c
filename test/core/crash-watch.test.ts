import { describe, expect, test } from 'vitest';
import { CrashWatch, holdNotice } from '../../scripts/relay/crash-watch.ts';

const SECOND = 1000;
const POISON = 'default 7 evt_1';

function died(watch: CrashWatch, times: number, fromMs = 0, underWay: readonly string[] = []) {
  return Array.from({ length: times }, (_, at) => {
    for (const request of underWay) watch.reads(`posthorn trace begun ${request}`);
    return watch.died(fromMs + at * SECOND);
  });
}

describe('A1: a worker that dies again and again', () => {
  test('is traced from the second death on; deliveries are held from the fourth, when it is known over what', () => {
    expect(died(new CrashWatch(), 4, 0, [POISON])).toEqual([null, 'trace', null, 'hold']);
  });

  test('where nothing is known, later', () => {
    expect(died(new CrashWatch(), 7)).toEqual([null, 'trace', null, null, null, null, 'hold']);
  });

  test('with deliveries held as well: it is given up', () => {
    const watch = new CrashWatch();
    died(watch, 4, 0, [POISON]);
    expect(died(watch, 3, 10 * SECOND)).toEqual([null, null, 'give-up']);
  });

  test('deaths that are far apart are none of this', () => {
    const watch = new CrashWatch();
    for (let hour = 0; hour < 10; hour += 1) expect(watch.died(hour * 3600 * SECOND)).toBeNull();
  });
});

test('what was under way at most of the deaths is named first; what was over is not', () => {
  const watch = new CrashWatch();
  watch.reads(`posthorn trace begun default 8 evt_2`);
  died(watch, 1, 0, [POISON]);
  watch.reads(`posthorn trace begun other 9 evt_3`);
  watch.reads(`posthorn trace ended other 9 evt_3`);
  died(watch, 2, SECOND, [POISON]);
  expect(watch.suspects).toEqual([
    { tenant: 'default', hookId: 7, eventId: 'evt_1', deaths: 3 },
    { tenant: 'default', hookId: 8, eventId: 'evt_2', deaths: 1 },
  ]);
  const notice = holdNotice(watch.suspects, 'http://127.0.0.1:8787', '$(cat .posthorn/admin-key)');
  expect(notice).toContain('event evt_1 for hook 7 of tenant default: 3 times');
  expect(notice).toContain('event evt_2 for hook 8 of tenant default: once');
  expect(notice).toContain('POST http://127.0.0.1:8787/v1/hooks/7/deliveries/evt_1/cancel');
});

test('other lines of the Worker are not for it', () => {
  const watch = new CrashWatch();
  expect(watch.reads('hook wake failed')).toBe(false);
  expect(watch.reads('posthorn trace begun default 7')).toBe(false);
  expect(watch.reads('posthorn trace begun default 7 evt_1')).toBe(true);
});
