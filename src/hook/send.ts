/** One attempt of a hook by the rules of this very moment: its target, format, secrets and deadline. */
import { outcomeOf, type AttemptResult, type Outcome } from '../core/outcome.ts';
import type { Env } from '../env.ts';
import { withoutCredentials, type ScriptCall } from '../providers/superoffice/crmscript.ts';
import { settingsOf } from '../settings.ts';
import { USER_AGENT } from '../version.ts';
import { attempt, type AttemptReport } from './attempt.ts';
import { targetOf, type Destination } from './destination.ts';
import { messageOf, type MessageContext, type MessageEvent } from './message.ts';
import type { Clock, OpenHook } from './open-hook.ts';
import { signersOf } from './signers.ts';

/** Outcome null: the platform let nothing out, which is no attempt. */
export async function send(
  env: Env,
  clock: Clock,
  hook: OpenHook,
  event: MessageEvent,
  destination: Destination,
  { sequence, replay }: Pick<MessageContext, 'sequence' | 'replay'>,
  attemptNumber: number,
  nowMs: number,
): Promise<{ outcome: Outcome | null; report: AttemptReport }> {
  const { ref, registration } = hook.assignment;
  const { config } = registration;
  const reading = settingsOf(env);
  if (!reading.ok) throw new Error(`settings: ${reading.problems.map(({ name }) => name).join(', ')}`);
  const url = targetOf(destination, registration, reading.settings);
  if (url === null) {
    const result: AttemptResult = { kind: 'failed', error: 'target-refused' };
    return {
      outcome: outcomeOf(result, []),
      report: { result, responseHeaders: null, responseExcerpt: null, durationMs: 0 },
    };
  }
  const message = messageOf(event, {
    tenant: ref.tenant,
    hookId: registration.id,
    config,
    script: destination.kind === 'script' ? destination : null,
    signers: signersOf(registration, config.signing, nowMs),
    attempt: attemptNumber,
    sequence,
    replay,
    timestampSeconds: Math.floor(nowMs / 1000),
    userAgent: USER_AGENT,
  });
  const answered = await attempt(url, message, config.retry.timeoutSeconds * 1000, clock.nowMs);
  const report = destination.kind === 'script' ? reportOfScript(answered, destination) : answered;
  const { result } = report;
  return { outcome: result.kind === 'quota' ? null : outcomeOf(result, config.retry.giveUpOn), report };
}

function reportOfScript(report: AttemptReport, { site }: ScriptCall): AttemptReport {
  const { responseHeaders: headers, responseExcerpt: text } = report;
  const masked = (said: string) => withoutCredentials(said, site);
  return {
    ...report,
    responseHeaders:
      headers && new Headers([...headers].map(([name, value]): [string, string] => [name, masked(value)])),
    responseExcerpt: text && masked(text),
  };
}
