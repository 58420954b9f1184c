/** The test call of a hook: one attempt beside its queue. */
import { outcomeOf, type Outcome } from '../core/outcome.ts';
import type { HookEnv } from './env.ts';
import { randomBytes } from '../random.ts';
import { destinationOf } from './destination.ts';
import type { Listening } from './listening.ts';
import { secretUnreadable } from '../storage/unreadable.ts';
import { isLegible, type Clock, type OpenHook } from './open-hook.ts';
import { send } from './send.ts';
import { testEvent } from './test-event.ts';

export interface TestResult {
  readonly delivered: boolean;
  readonly statusCode: number | null;
  readonly durationMs: number;
  readonly error: string | null;
}

/** Sends a `posthorn.test` event now. Not queued, not counted, also when the hook is paused or disabled. */
export async function sendTest(
  env: HookEnv,
  clock: Clock,
  hook: OpenHook,
  listening: Listening,
): Promise<TestResult> {
  const { id, config } = hook.assignment.registration;
  if (!isLegible(hook.assignment.registration)) throw secretUnreadable(`hook ${id}`);
  const nowMs = clock.nowMs();
  const event = testEvent(
    { tenant: hook.assignment.ref.tenant, hookId: id, ...config },
    nowMs,
    randomBytes(5),
    crypto.randomUUID(),
  );
  const sent = await send(
    env,
    clock,
    hook,
    event,
    await destinationOf(env, hook, event),
    { sequence: null, replay: null },
    1,
    nowMs,
    () => Promise.resolve(true),
  );
  if (sent.kind === 'message') {
    const result = await listening.ask(event.id, sent.message, config.retry.timeoutSeconds);
    if (result === null) return { ...NOTHING_SENT, error: 'no-listener' };
    if (result.kind === 'quota') return NOTHING_SENT;
    return resultOf(outcomeOf(result, config.retry.giveUpOn), Math.max(0, clock.nowMs() - nowMs));
  }
  if (sent.kind !== 'attempted') {
    return { ...NOTHING_SENT, error: sent.kind === 'unsendable' ? sent.reason : null };
  }
  return resultOf(sent.outcome, sent.report.durationMs);
}

const NOTHING_SENT: TestResult = { delivered: false, statusCode: null, durationMs: 0, error: null };

function resultOf(outcome: Outcome, durationMs: number): TestResult {
  return {
    delivered: outcome.kind === 'delivered',
    statusCode: outcome.statusCode,
    durationMs,
    error: outcome.kind === 'delivered' ? null : outcome.error,
  };
}
