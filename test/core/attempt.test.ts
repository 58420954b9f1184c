/** When a request is sent a second time within its attempt, and for how long an answer is read. `fetch` is the test's. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { attempt, type Exchange } from '../../src/hook/attempt.ts';
import { Connections } from '../../src/hook/connections.ts';

const LOST = () => new Error('Network connection lost.');
const MESSAGE = { headers: { 'webhook-id': 'evt_1' }, body: new Uint8Array([1]) };

let url: URL;
let requests: { url: string; headers: unknown }[];
let answers: ((signal: AbortSignal) => Response | Promise<Response>)[];
let mayRepeat: boolean;
let runs = 0;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'], now: 0 });
  // What an isolate knows of an origin outlives a test.
  runs += 1;
  url = new URL(`https://receiver${runs}.example.com/path`);
  requests = [];
  answers = [];
  mayRepeat = true;
  vi.stubGlobal('fetch', async (to: URL, { headers, signal }: { headers: unknown; signal: AbortSignal }) => {
    requests.push({ url: to.href, headers });
    const answer = answers.shift();
    if (answer === undefined) throw LOST();
    return answer(signal);
  });
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const ok = () => new Response(null, { status: 200 });
const lost = () => {
  throw LOST();
};
const lostAfter = (ms: number) => () => {
  vi.setSystemTime(Date.now() + ms);
  throw LOST();
};

function attempted(keepsSuccess = false, to = url): Promise<Exchange> {
  const options = { timeoutMs: 15_000, keepsSuccess, mayRepeat: () => Promise.resolve(mayRepeat) };
  return attempt(to, MESSAGE, options, () => Date.now());
}

/** So that a connection to it may be used again. */
async function afterAnAnswer(): Promise<void> {
  answers = [ok];
  await attempted();
  requests = [];
}

describe('B5: a connection that is lost before a byte of the answer', () => {
  test('is tried a second time at once, with the same message, where it may have been used before', async () => {
    await afterAnAnswer();
    answers = [lost, ok];
    expect((await attempted()).result).toEqual({ kind: 'answer', status: 200, retryAfter: null });
    expect(requests).toEqual([
      { url: url.href, headers: MESSAGE.headers },
      { url: url.href, headers: MESSAGE.headers },
    ]);
  });

  test('once: a second loss is a failed attempt', async () => {
    await afterAnAnswer();
    answers = [lost, lost, ok];
    expect((await attempted()).result).toEqual({ kind: 'failed', error: 'connection-lost' });
    expect(requests).toHaveLength(2);
  });

  test('not where nothing may leave any more', async () => {
    await afterAnAnswer();
    mayRepeat = false;
    answers = [lost, ok];
    expect((await attempted()).result).toEqual({ kind: 'failed', error: 'connection-lost' });
    expect(requests).toHaveLength(1);
  });

  test.each([
    ['that nobody has answered on', () => undefined, lost],
    [
      'that another origin has answered on',
      () => attempted(false, new URL('https://other.example.com/')),
      lost,
    ],
    ['after a second: the receiver had the request', afterAnAnswer, lostAfter(1_000)],
    ['after an hour without a request', () => afterAnAnswer().then(() => vi.setSystemTime(3_600_000)), lost],
  ])('is no second try %s', async (_name, before, loss) => {
    answers = [ok];
    await before();
    requests = [];
    answers = [loss, ok];
    expect((await attempted()).result).toEqual({ kind: 'failed', error: 'connection-lost' });
    expect(requests).toHaveLength(1);
  });

  test.each([
    ['DNS or TLS', new Error('internal error; reference = x'), { kind: 'failed', error: 'unreachable' }],
    ['a quota', new Error('Too many subrequests.'), { kind: 'quota' }],
    ['our own deadline', new DOMException('aborted', 'AbortError'), { kind: 'failed', error: 'timeout' }],
  ])('nor for %s', async (_name, error, result) => {
    await afterAnAnswer();
    answers = [() => Promise.reject(error), ok];
    expect((await attempted()).result).toEqual(result);
    expect(requests).toHaveLength(1);
  });

  test('of more than a thousand origins the one that answered longest ago is forgotten', () => {
    const connections = new Connections();
    for (let origin = 0; origin <= 1000; origin += 1) connections.answered(`https://r${origin}.test`, 0);
    expect(connections.mayBeReused('https://r0.test', 0)).toBe(false);
    expect(connections.mayBeReused('https://r1.test', 0)).toBe(true);
  });
});

describe('B3: the body of an answer', () => {
  /** As long as the request is not aborted. */
  const endless = (status: number) => (signal: AbortSignal) => {
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(new TextEncoder().encode('begun'));
        signal.addEventListener('abort', () => controller.error(new Error('aborted')));
      },
    });
    return new Response(body, { status });
  };

  test('of a 2xx is read for a second, and decides nothing', async () => {
    answers = [endless(200)];
    const running = attempted(true);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await running).toMatchObject({
      result: { kind: 'answer', status: 200 },
      start: { text: 'begun', isWhole: false },
      durationMs: 1_000,
    });
  });

  test('of anything else until the deadline', async () => {
    answers = [endless(500)];
    const running = attempted();
    await vi.advanceTimersByTimeAsync(15_000);
    expect(await running).toMatchObject({
      result: { status: 500 },
      start: { text: 'begun' },
      durationMs: 15_000,
    });
  });

  test('of a 2xx is not kept unless that is wanted', async () => {
    answers = [() => new Response('secret'), () => new Response('wanted')];
    expect((await attempted(false)).start).toBeNull();
    expect((await attempted(true)).start).toEqual({ text: 'wanted', isWhole: true });
  });

  test('of anything else is kept', async () => {
    answers = [() => new Response('no', { status: 500 })];
    expect((await attempted(false)).start).toEqual({ text: 'no', isWhole: true });
  });
});
