/** One attempt of a hook by the rules of this very moment: its target, format, secrets and deadline. */
import { outcomeOf, type Outcome } from '../core/outcome.ts';
import type { Env } from '../env.ts';
import { settingsOf } from '../settings.ts';
import { USER_AGENT } from '../version.ts';
import { attempt } from './attempt.ts';
import { targetOf, type Destination } from './destination.ts';
import { messageOf, type MessageContext, type MessageEvent, type Unsendable } from './message.ts';
import type { Clock, OpenHook } from './open-hook.ts';
import { reportOf, withoutEvidence, type AttemptReport } from './report.ts';
import { signersOf } from './signers.ts';
import { writeOnlyOf } from './write-only.ts';

/** `quota`: the platform let nothing out, which is no attempt. */
export type Sent =
  | { readonly kind: 'attempted'; readonly outcome: Outcome; readonly report: AttemptReport }
  | { readonly kind: 'quota' }
  | Unsendable;

/** `mayRepeat`: whether a request of it may leave still, should the first one meet a dead connection. */
export async function send(
  env: Env,
  clock: Clock,
  hook: OpenHook,
  event: MessageEvent,
  destination: Destination,
  { sequence, replay }: Pick<MessageContext, 'sequence' | 'replay'>,
  attemptNumber: number,
  nowMs: number,
  mayRepeat: () => Promise<boolean>,
): Promise<Sent> {
  const { ref, registration } = hook.assignment;
  const { config } = registration;
  const reading = settingsOf(env);
  if (!reading.ok) throw new Error(`settings: ${reading.problems.map(({ name }) => name).join(', ')}`);
  const script = destination.kind === 'script' ? destination : null;
  const composed = messageOf(event, {
    tenant: ref.tenant,
    hookId: registration.id,
    config,
    script,
    signers: signersOf(registration, config.signing, nowMs),
    attempt: attemptNumber,
    sequence,
    replay,
    timestampSeconds: Math.floor(nowMs / 1000),
    userAgent: USER_AGENT,
  });
  if (composed.kind === 'unsendable') return composed;
  const url = targetOf(destination, registration, reading.settings);
  if (url === null) {
    const result = { kind: 'failed', error: 'target-refused' } as const;
    return { kind: 'attempted', outcome: outcomeOf(result, []), report: withoutEvidence(result) };
  }
  const { message } = composed;
  const { keepAnswers: keepsSuccess = false } = config;
  const options = { timeoutMs: config.retry.timeoutSeconds * 1000, keepsSuccess, mayRepeat };
  const exchange = await attempt(url, message, options, clock.nowMs);
  const { result } = exchange;
  if (result.kind === 'quota') return { kind: 'quota' };
  return {
    kind: 'attempted',
    outcome: outcomeOf(result, config.retry.giveUpOn),
    report: reportOf(exchange, message, writeOnlyOf(config, registration, script), keepsSuccess),
  };
}
