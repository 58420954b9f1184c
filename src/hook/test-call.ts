/** The test call of a hook: one attempt beside its queue. */
import type { Env } from '../env.ts';
import { randomBytes } from '../random.ts';
import { destinationOf } from './destination.ts';
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
export async function sendTest(env: Env, clock: Clock, hook: OpenHook): Promise<TestResult> {
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
  if (sent.kind !== 'attempted') {
    const error = sent.kind === 'unsendable' ? sent.reason : null;
    return { delivered: false, statusCode: null, durationMs: 0, error };
  }
  const { outcome, report } = sent;
  return {
    delivered: outcome.kind === 'delivered',
    statusCode: outcome.statusCode,
    durationMs: report.durationMs,
    error: outcome.kind === 'delivered' ? null : outcome.error,
  };
}
