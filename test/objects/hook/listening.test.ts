/** A hook that is listened to: who gets its deliveries, and what becomes of them when that one leaves. */
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { ListenerSockets } from '../../../src/hook/listener-sockets.ts';
import { Mailbox } from '../../support/mailbox.ts';
import { listenTo, type TestListener } from './listener.ts';
import {
  clock,
  LIVES,
  openHook,
  storedEvent,
  storedEvents,
  type HookUnderTest,
} from '../../support/objects.ts';

beforeEach(() => clock.start());

/** Each has an object of its own: a thousand are the same a thousand times. */
const IDLE = 4;

const READY = { kind: 'ready', hookId: 7, pending: 0 };

/** The object has read all that was sent before. */
async function heard(hook: HookUnderTest, listener: TestListener): Promise<void> {
  const before = listener.frames.length;
  listener.send('ping');
  await listener.frame((frame) => frame === 'pong' && listener.frames.length > before);
  await hook.inside(() => undefined);
}

describe.each(LIVES)('$life', ({ halfway }) => {
  test('an attempt goes to who listens, and its answer ends the delivery', async () => {
    const hook = await openHook('listen:');
    const listener = await listenTo(hook);
    await listener.frame((frame) => (frame as typeof READY).kind === 'ready');
    expect(listener.frames).toEqual([READY]);
    await halfway(hook);
    await hook.enqueue(storedEvent(1));
    await hook.wake();
    const [delivery] = await listener.got(1);
    if (delivery === undefined) throw new Error('expected a delivery');
    expect(delivery).toMatchObject({
      eventId: storedEvent(1).id,
      attempt: 1,
      method: 'POST',
      encoding: 'utf8',
      timeoutSeconds: 15,
    });
    expect(delivery.headers).toMatchObject({ 'webhook-id': storedEvent(1).id, 'posthorn-attempt': '1' });
    expect(JSON.parse(delivery.body)).toMatchObject({ specversion: '1.0' });
    await halfway(hook);
    listener.answer(delivery);
    await heard(hook, listener);
    expect(await hook.delivery(1)).toMatchObject({ status: 'delivered', attempts: 1 });
  });

  test('an answer is matched to the attempt in flight, however many', async () => {
    const hook = await openHook('listen:', { concurrency: 3 });
    const listener = await listenTo(hook);
    await hook.enqueue(...storedEvents(1, 4));
    await hook.wake();
    const frames = await listener.got(3);
    await halfway(hook);
    expect(await hook.delivery(4)).toMatchObject({ attempts: 0 });
    for (const frame of frames.toReversed()) listener.answer(frame, 500 + frame.attempt);
    await heard(hook, listener);
    for (const seq of [1, 2, 3]) {
      const { attemptLog } = await hook.delivery(seq);
      expect(attemptLog).toMatchObject([{ number: 1, outcome: 'failed', statusCode: 501 }]);
      expect(attemptLog[0]?.requestHeaders).toMatchObject({ 'webhook-id': storedEvent(seq).id });
    }
  });

  test('an attempt whose connection is lost uses no step and goes out again to the next listener', async () => {
    const hook = await openHook('listen:', { retry: { scheduleSeconds: [] } });
    const first = await listenTo(hook);
    await hook.enqueue(storedEvent(1));
    await hook.wake();
    await first.got(1);
    await halfway(hook);
    first.close();
    await first.closing();
    const second = await listenTo(hook);
    await second.frame((frame) => (frame as typeof READY).kind === 'ready');
    await hook.wake();
    const [again] = await second.got(1);
    expect(again).toMatchObject({ eventId: storedEvent(1).id, attempt: 2 });
    if (again !== undefined) second.answer(again);
    await heard(hook, second);
    const { status, attemptLog } = await hook.delivery(1);
    expect(status).toBe('delivered');
    expect(attemptLog).toMatchObject([{ error: 'connection-lost' }, { outcome: 'delivered' }]);
  });

  test('one that never answers is a timeout', async () => {
    const hook = await openHook('listen:', { retry: { timeoutSeconds: 3, scheduleSeconds: [60] } });
    const listener = await listenTo(hook);
    await hook.enqueue(storedEvent(1));
    await hook.wake();
    const [delivery] = await listener.got(1);
    await halfway(hook);
    expect(await hook.delivery(1)).toMatchObject({ waiting: { reason: 'in-flight', untilMs: null } });
    expect(await hook.alarmAt()).toBe(clock.nowMs() + 3000);
    clock.advance(3000);
    await hook.wake();
    const { attemptLog, nextAttemptAtMs } = await hook.delivery(1);
    expect(attemptLog).toMatchObject([{ error: 'timeout', durationMs: 3000 }]);
    expect(nextAttemptAtMs).toBe(clock.nowMs() + 60_000);
    // Too late: the attempt has come to something.
    if (delivery !== undefined) listener.answer(delivery);
    await heard(hook, listener);
    expect(await hook.delivery(1)).toMatchObject({ status: 'pending', attempts: 1 });
  });
});

test('who waits costs nothing: no object is awake, none has an alarm, and pings wake none', async () => {
  const hooks = await Promise.all(Array.from({ length: IDLE }, () => openHook('listen:')));
  const listeners = await Promise.all(hooks.map((hook) => listenTo(hook)));
  for (const hook of hooks) {
    expect(await hook.alarmAt()).toBeNull();
    await hook.evict();
  }
  const woken = vi.spyOn(ListenerSockets.prototype, 'restore');
  listeners.forEach((listener) => {
    listener.send('ping');
  });
  await Promise.all(listeners.map((listener) => listener.frame((frame) => frame === 'pong')));
  expect(woken).not.toHaveBeenCalled();
  // Whereas an event wakes the one object that it is for.
  await hooks[0]?.enqueue(storedEvent(1));
  await hooks[0]?.wake();
  expect(await listeners[0]?.got(1)).toHaveLength(1);
  expect(woken).toHaveBeenCalledOnce();
  woken.mockRestore();
});

describe('silence', () => {
  const SILENT_MS = 45_000;
  const policy = { retry: { timeoutSeconds: 3, scheduleSeconds: [60] } };

  /** Of a client that has pinged, as it came by this connection. */
  async function asleep(hook: HookUnderTest): Promise<TestListener> {
    const listener = await listenTo(hook);
    await heard(hook, listener);
    return listener;
  }

  test('who pings no more for 45 s has lost its attempts, which use no step', async () => {
    const hook = await openHook('listen:', policy);
    const listener = await asleep(hook);
    await hook.enqueue(storedEvent(1));
    await hook.wake();
    await listener.got(1);
    // Its answer is late, but it may be gone: that is known at the end of the silence.
    expect(await hook.alarmAt()).toBe(clock.nowMs() + SILENT_MS);
    clock.advance(SILENT_MS);
    await hook.wake();
    expect(await listener.closing()).toMatchObject({ code: 4410 });
    expect(await hook.delivery(1)).toMatchObject({
      attemptLog: [{ error: 'connection-lost' }],
      waiting: { reason: 'no-listener' },
    });
    expect(await hook.stub.runtime()).toMatchObject({ consecutiveFailures: 0 });
    const next = await listenTo(hook);
    await hook.wake();
    expect((await next.got(1))[0]).toMatchObject({ eventId: storedEvent(1).id });
  });

  test('who has said something since is there: what it does not answer is a timeout', async () => {
    const hook = await openHook('listen:', policy);
    const listener = await asleep(hook);
    await hook.enqueue(storedEvent(1));
    await hook.wake();
    const [delivery] = await listener.got(1);
    clock.advance(1000);
    listener.send({ ...delivery, kind: 'failed', eventId: 'evt_of_somebody_else', error: 'timeout' });
    await heard(hook, listener);
    expect(await hook.alarmAt()).toBe(clock.nowMs() + 2000);
    clock.advance(2000);
    await hook.wake();
    expect(await hook.delivery(1)).toMatchObject({
      attemptLog: [{ error: 'timeout' }],
      nextAttemptAtMs: clock.nowMs() + 60_000,
    });
    expect(listener.closed).toBeNull();
  });

  test('who is silent gets no more, and gives its place up unasked', async () => {
    const hook = await openHook('listen:', policy);
    const first = await asleep(hook);
    clock.advance(SILENT_MS);
    await hook.enqueue(storedEvent(1));
    await hook.wake();
    expect(await first.closing()).toMatchObject({ code: 4410 });
    expect(first.deliveries).toEqual([]);

    const second = await asleep(hook);
    await hook.wake();
    await second.got(1);
    clock.advance(SILENT_MS);
    const third = await listenTo(hook);
    expect(await second.closing()).toMatchObject({ code: 4410 });
    await hook.wake();
    expect((await third.got(1))[0]).toMatchObject({ eventId: storedEvent(1).id });
  });

  test('who never pings may be silent for as long as it likes', async () => {
    const hook = await openHook('listen:', policy);
    const listener = await listenTo(hook);
    clock.advance(10 * SILENT_MS);
    await hook.enqueue(storedEvent(1));
    await hook.wake();
    expect(await listener.got(1)).toHaveLength(1);
  });
});

test('while nobody listens nothing is attempted, nothing fails and no alarm is set but that of a backlog', async () => {
  const backlogAfterSeconds = 3_600;
  const hook = await openHook('listen:', { backlogAfterSeconds });
  await hook.enqueue(...storedEvents(1, 3));
  expect(await hook.alarmAt()).toBe(clock.nowMs() + backlogAfterSeconds * 1_000);
  expect(await hook.stub.runtime()).toMatchObject({
    pending: 3,
    waiting: { reason: 'no-listener', untilMs: null },
    consecutiveFailures: 0,
  });
  expect(await hook.delivery(1)).toMatchObject({
    attempts: 0,
    nextAttemptAtMs: null,
    waiting: { reason: 'no-listener', untilMs: null },
  });
});

describe('who listens', () => {
  const READY_FRAME = (frame: unknown) => (frame as typeof READY).kind === 'ready';

  test('a second one is closed with 4409, and the first one stays', async () => {
    const hook = await openHook('listen:');
    const first = await listenTo(hook);
    const second = await listenTo(hook);
    expect(await second.closing()).toMatchObject({ code: 4409 });
    await hook.enqueue(storedEvent(1));
    await hook.wake();
    await first.got(1);
    expect(second.frames).toEqual([]);
  });

  test('with takeover the first one is closed with 4408, and what it had goes to the second one', async () => {
    const hook = await openHook('listen:');
    const first = await listenTo(hook);
    await hook.enqueue(storedEvent(1));
    await hook.wake();
    const [taken] = await first.got(1);
    const second = await listenTo(hook, 'takeover=true');
    await second.frame(READY_FRAME);
    expect(await first.closing()).toMatchObject({ code: 4408 });
    await hook.wake();
    const [again] = await second.got(1);
    expect(again).toMatchObject({ eventId: taken?.eventId, attempt: 2 });
    await heard(hook, second);
    expect(await hook.delivery(1)).toMatchObject({ attempts: 1, waiting: { reason: 'in-flight' } });
  });

  test.each([
    ['binary', new TextEncoder().encode('{"kind":"answer"}').buffer as ArrayBuffer],
    ['no JSON', '{"kind":'],
    ['no object', '[]'],
    ['another kind', { kind: 'delivery' }],
    ['no event', { kind: 'answer', attempt: 1, status: 200 }],
    ['attempt 0', { kind: 'answer', eventId: 'evt_1', attempt: 0, status: 200 }],
    ['a status that is none', { kind: 'answer', eventId: 'evt_1', attempt: 1, status: 700 }],
    ['an error that is none', { kind: 'failed', eventId: 'evt_1', attempt: 1, error: 'status' }],
    [
      'headers that are none',
      { kind: 'answer', eventId: 'evt_1', attempt: 1, status: 200, headers: { a: 1 } },
    ],
    ['deep', '['.repeat(200_000)],
  ])(
    'a frame that is none (%s) closes the connection with 4400, and its attempt is lost',
    async (_what, frame) => {
      const hook = await openHook('listen:');
      const listener = await listenTo(hook);
      await hook.enqueue(storedEvent(1));
      await hook.wake();
      await listener.got(1);
      listener.send(frame);
      expect(await listener.closing()).toMatchObject({ code: 4400 });
      expect(await hook.delivery(1)).toMatchObject({
        attempts: 1,
        attemptLog: [{ error: 'connection-lost' }],
        waiting: { reason: 'no-listener' },
      });
      expect(await hook.stub.runtime()).toMatchObject({ consecutiveFailures: 0 });
    },
  );

  test('an answer for what is not in flight changes nothing', async () => {
    const hook = await openHook('listen:');
    const listener = await listenTo(hook);
    await hook.enqueue(...storedEvents(1, 2));
    await hook.wake();
    const [delivery] = await listener.got(1);
    if (delivery === undefined) throw new Error('expected a delivery');
    listener.answer({ ...delivery, eventId: storedEvent(2).id });
    listener.answer({ ...delivery, attempt: 2 });
    listener.answer({ ...delivery, eventId: 'evt_of_somebody_else' });
    await heard(hook, listener);
    expect(await hook.delivery(1)).toMatchObject({ attempts: 0, waiting: { reason: 'in-flight' } });
    expect(await hook.delivery(2)).toMatchObject({ attempts: 0, status: 'pending' });
    listener.answer(delivery);
    listener.answer(delivery, 500);
    await heard(hook, listener);
    expect(await hook.delivery(1)).toMatchObject({ status: 'delivered', attempts: 1 });
  });

  test('what the client could not reach is a failure like any other', async () => {
    const hook = await openHook('listen:', { retry: { scheduleSeconds: [60] } });
    const listener = await listenTo(hook);
    await hook.enqueue(storedEvent(1));
    await hook.wake();
    const [delivery] = await listener.got(1);
    listener.send({ ...delivery, kind: 'failed', error: 'unreachable' });
    await heard(hook, listener);
    expect(await hook.delivery(1)).toMatchObject({
      attemptLog: [{ outcome: 'failed', error: 'unreachable', statusCode: null }],
      nextAttemptAtMs: clock.nowMs() + 60_000,
    });
  });

  test('an answer that echoes an access token is kept without it', async () => {
    const server = new Mailbox();
    const token = { access_token: 'tok-0123456789abcdef', token_type: 'Bearer', expires_in: 3_600 };
    await server.answerWith({
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(token),
    });
    const auth = {
      type: 'oauth2',
      tokenUrl: server.url,
      clientId: 'client',
      clientSecret: 'client-secret',
      credentials: 'header',
    } as const;
    const hook = await openHook('listen:', { auth });
    const listener = await listenTo(hook);
    await hook.enqueue(storedEvent(1));
    await hook.wake();
    const [delivery] = await listener.got(1);
    if (delivery === undefined) throw new Error('expected a delivery');
    expect(delivery.headers).toMatchObject({ authorization: `Bearer ${token.access_token}` });
    listener.answer(delivery, 500, { body: `got ${token.access_token}` });
    await heard(hook, listener);
    const [attempt] = (await hook.delivery(1)).attemptLog;
    expect(attempt).toMatchObject({ responseExcerpt: 'got ***', requestHeaders: { authorization: '***' } });
  });

  test('an answer is kept as one over HTTP is, without what is write-only', async () => {
    const hook = await openHook('listen:', { headers: { 'x-token': 'topsecret' } });
    const listener = await listenTo(hook);
    await hook.enqueue(storedEvent(1));
    await hook.wake();
    const [delivery] = await listener.got(1);
    if (delivery === undefined) throw new Error('expected a delivery');
    expect(delivery.headers['x-token']).toBe('topsecret');
    const headers = { 'Retry-After': '120', 'X-Echo': 'topsecret' };
    listener.answer(delivery, 503, { headers, body: `no topsecret ${'x'.repeat(70_000)}` });
    await heard(hook, listener);
    const [attempt] = (await hook.delivery(1)).attemptLog;
    expect(attempt).toMatchObject({
      statusCode: 503,
      requestHeaders: { 'x-token': '***', 'webhook-signature': delivery.headers['webhook-signature'] },
      responseHeaders: { 'retry-after': '120', 'x-echo': '***' },
    });
    expect(attempt?.responseExcerpt).toMatch(/^no \*\*\* x+…$/);
    expect(await hook.stub.runtime()).toMatchObject({
      waiting: { reason: 'retry-after', untilMs: clock.nowMs() + 120_000 },
    });
  });

  test('a body that is no text comes as base64', async () => {
    const hook = await openHook('listen:', { format: 'raw' });
    const listener = await listenTo(hook);
    const raw = new Uint8Array([0xff, 0xfe, 0, 1]);
    await hook.enqueue({ ...storedEvent(1), raw });
    await hook.wake();
    expect((await listener.got(1))[0]).toMatchObject({ encoding: 'base64', body: '//4AAQ==' });
  });
});

describe('the connection ends', () => {
  test('when the hook is deleted', async () => {
    const hook = await openHook('listen:');
    const listener = await listenTo(hook);
    await hook.delete();
    expect(await listener.closing()).toMatchObject({ code: 4404 });
    expect(await (await listenTo(hook)).closing()).toMatchObject({ code: 4404 });
  });

  test('when it posts to a URL from now on, which gets what was in flight', async () => {
    const box = new Mailbox();
    const hook = await openHook('listen:', { retry: { scheduleSeconds: [] } });
    const listener = await listenTo(hook);
    await hook.enqueue(storedEvent(1));
    await hook.wake();
    await listener.got(1);
    await hook.patch({ url: box.url });
    expect(await listener.closing()).toMatchObject({ code: 4404 });
    await hook.wake();
    expect(await box.ids(1)).toEqual([storedEvent(1).id]);
    expect(await hook.delivery(1)).toMatchObject({ status: 'delivered', attempts: 2 });
  });

  test('when the hook is erased, and nothing of it comes back', async () => {
    const hook = await openHook('listen:');
    const listener = await listenTo(hook);
    await hook.enqueue(storedEvent(1));
    await hook.wake();
    await listener.got(1);
    await hook.stub.erase();
    expect(await listener.closing()).toMatchObject({ code: 4404 });
    expect(await hook.alarmAt()).toBeNull();
  });

  test('when its key is dropped, and no other key', async () => {
    const hook = await openHook('listen:');
    const listener = await listenTo(hook);
    await hook.stub.dropKeys(['key_of_somebody_else']);
    await heard(hook, listener);
    expect(listener.closed).toBeNull();
  });
});

test('a test call goes to who listens and tells what it answered; to nobody else', async () => {
  const hook = await openHook('listen:');
  expect(await hook.inside((object) => object.test())).toEqual({
    delivered: false,
    statusCode: null,
    durationMs: 0,
    error: 'no-listener',
  });
  const listener = await listenTo(hook);
  const result = hook.inside((object) => object.test());
  const [delivery] = await listener.got(1);
  if (delivery === undefined) throw new Error('expected a delivery');
  listener.answer(delivery, 418);
  expect(await result).toMatchObject({ delivered: false, statusCode: 418, error: 'status' });
  const cut = hook.inside((object) => object.test());
  await listener.got(2);
  listener.close();
  expect(await cut).toMatchObject({ delivered: false, error: 'connection-lost' });
});

test('a paused hook gives nothing to who listens, and takes the answer of what it gave before', async () => {
  const hook = await openHook('listen:');
  const listener = await listenTo(hook);
  await hook.enqueue(...storedEvents(1, 2));
  await hook.wake();
  const [delivery] = await listener.got(1);
  await hook.patch({ paused: true });
  if (delivery !== undefined) listener.answer(delivery);
  await heard(hook, listener);
  await hook.wake();
  expect(await hook.delivery(1)).toMatchObject({ status: 'delivered' });
  expect(await hook.delivery(2)).toMatchObject({ status: 'held', attempts: 0 });
  expect(listener.deliveries).toHaveLength(1);
  expect(listener.closed).toBeNull();
});

test('a subject stays in order over lost connections, timeouts and failures', async () => {
  const hook = await openHook('listen:', {
    concurrency: 4,
    retry: { scheduleSeconds: [10], timeoutSeconds: 5 },
  });
  const events = [1, 2, 3].map((seq) => storedEvent(seq, { subject: 'contact/1' }));
  await hook.enqueue(...events);
  const taken: string[] = [];
  for (const end of ['lost', 'timeout', 'lost', 'answered'] as const) {
    const listener = await listenTo(hook, 'takeover=true');
    await hook.runDue();
    const [delivery] = await listener.got(1);
    expect(listener.deliveries).toHaveLength(1);
    taken.push(delivery?.eventId ?? '');
    if (end === 'timeout') {
      clock.advance(5_000);
      await hook.runDue();
      clock.advance(10_000);
    }
    if (end === 'answered' && delivery !== undefined) listener.answer(delivery);
    await heard(hook, listener);
    listener.close();
    await listener.closing();
  }
  expect(taken).toEqual([1, 1, 1, 1].map((seq) => storedEvent(seq).id));
  const last = await listenTo(hook);
  for (const count of [1, 2]) {
    await hook.runDue();
    const frames = await last.got(count);
    const frame = frames.at(-1);
    if (frame !== undefined) last.answer(frame);
    await heard(hook, last);
  }
  expect(last.deliveries.map(({ eventId }) => eventId)).toEqual(events.slice(1).map(({ id }) => id));
});

test('a crash loses no delivery: the attempt is made again under the same number', async () => {
  const hook = await openHook('listen:');
  const listener = await listenTo(hook);
  await hook.enqueue(storedEvent(1));
  await hook.wake();
  await listener.got(1);
  await hook.crash();
  const next = await listenTo(hook, 'takeover=true');
  await hook.wake();
  expect((await next.got(1))[0]).toMatchObject({ eventId: storedEvent(1).id, attempt: 1 });
});
