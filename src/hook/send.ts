/** One attempt of a hook by the rules of this very moment: its target, format, secrets and deadline. */
import { outcomeOf, type Outcome } from '../core/outcome.ts';
import type { HookEnv } from './env.ts';
import { settingsOf } from '../settings.ts';
import { USER_AGENT } from '../version.ts';
import { attempt } from './attempt.ts';
import { targetOf, type Destination } from './destination.ts';
import { loginOf } from './login.ts';
import {
  messageOf,
  type Composed,
  type Message,
  type MessageContext,
  type MessageEvent,
  type Unsendable,
} from './message.ts';
import type { Clock, OpenHook } from './open-hook.ts';
import { proven } from './proofs.ts';
import { reportOf, withoutEvidence, type AttemptReport } from './report.ts';
import { signersOf } from './signers.ts';
import { writeOnlyOf } from './write-only.ts';

/**
 * `quota`: the platform let nothing out, `withheld`: nothing may leave any more. Neither is an attempt. `message`: it is for
 * whoever listens, and has not left yet.
 */
export type Sent =
  | Attempted
  | { readonly kind: 'quota' }
  | { readonly kind: 'withheld' }
  | Unsendable
  | { readonly kind: 'message'; readonly message: Message };

interface Attempted {
  readonly kind: 'attempted';
  readonly outcome: Outcome;
  readonly report: AttemptReport;
}

const UNAUTHORIZED = 401;

/**
 * `mayRepeat`: whether a request of it may leave still, after a token was asked for or should the first one meet a dead
 * connection.
 */
export async function send(
  env: HookEnv,
  clock: Clock,
  hook: OpenHook,
  event: MessageEvent,
  destination: Destination,
  { sequence, replay }: Pick<MessageContext, 'sequence' | 'replay'>,
  attemptNumber: number,
  nowMs: number,
  mayRepeat: () => Promise<boolean>,
): Promise<Sent> {
  const { registration } = hook.assignment;
  const { config } = registration;
  const reading = settingsOf(env);
  if (!reading.ok) throw new Error(`settings: ${reading.problems.map(({ name }) => name).join(', ')}`);
  const script = destination.kind === 'script' ? destination : null;
  const composed = compose(hook, event, script, { sequence, replay }, attemptNumber, nowMs);
  if (composed.kind === 'unsendable') return composed;
  const url = targetOf(destination, registration, reading.settings);
  if (url === null) return notSent({ kind: 'failed', error: 'target-refused' });
  const auth = script === null ? (config.auth ?? null) : null;
  const context = {
    tokens: hook.tokens,
    settings: reading.settings,
    relayHost: registration.relayHost,
    clock: clock.nowMs,
  };
  const { keepAnswers: keepsSuccess = false } = config;
  const options = { timeoutMs: config.retry.timeoutSeconds * 1000, keepsSuccess, mayRepeat };
  const timestampSeconds = Math.floor(nowMs / 1000);

  const post = async (authorization: string | null): Promise<Sent> => {
    const proofs = { authorization, url: url.href, timestampSeconds };
    const complete = script === null ? proven(composed.message, config, proofs) : composed;
    if (complete.kind === 'unsendable' || destination.kind === 'listener') return complete;
    const exchange = await attempt(url, complete.message, options, clock.nowMs);
    const { result } = exchange;
    if (result.kind === 'quota') return { kind: 'quota' };
    const writeOnly = writeOnlyOf(config, registration, script, authorization);
    return {
      kind: 'attempted',
      outcome: outcomeOf(result, config.retry.giveUpOn),
      report: reportOf(exchange, complete.message, writeOnly, keepsSuccess),
    };
  };

  if (auth === null) return post(null);
  const login = await loginOf(auth, context);
  if (login.kind === 'quota') return login;
  if (login.kind === 'failed') return notSent({ kind: 'failed', error: 'auth' }, login.detail);
  // While a token was asked for, the hook may have been changed, paused or deleted.
  if (login.wasFetched && !(await mayRepeat())) return { kind: 'withheld' };
  const sent = await post(login.authorization);
  if (login.generation === null || sent.kind !== 'attempted' || !isUnauthorized(sent)) return sent;
  const renewed = await loginOf(auth, context, login.generation);
  if (renewed.kind === 'quota') return sent;
  if (renewed.kind === 'failed') return withoutLogin(sent, renewed.detail);
  if (!(await mayRepeat())) return sent;
  const again = await post(renewed.authorization);
  if (again.kind !== 'attempted') return sent;
  const durationMs = sent.report.durationMs + again.report.durationMs;
  return { ...again, report: { ...again.report, durationMs } };
}

/** An attempt by the rules of that moment, but for what the hook's login and further signatures add. */
export function compose(
  { assignment: { ref, registration } }: OpenHook,
  event: MessageEvent,
  script: MessageContext['script'],
  place: Pick<MessageContext, 'sequence' | 'replay'>,
  attemptNumber: number,
  nowMs: number,
): Composed {
  const { config } = registration;
  return messageOf(event, {
    tenant: ref.tenant,
    hookId: registration.id,
    config,
    script,
    signers: signersOf(registration, config.signing, nowMs),
    attempt: attemptNumber,
    ...place,
    timestampSeconds: Math.floor(nowMs / 1000),
    userAgent: USER_AGENT,
  });
}

function notSent(result: { kind: 'failed'; error: 'target-refused' | 'auth' }, detail?: string): Attempted {
  const report = withoutEvidence(result);
  const outcome = outcomeOf(result, []);
  return { kind: 'attempted', outcome, report: detail === undefined ? report : { ...report, detail } };
}

function isUnauthorized({ report: { result } }: Attempted): boolean {
  return result.kind === 'answer' && result.status === UNAUTHORIZED;
}

/** The receiver refused the token, and there is no other one. */
function withoutLogin({ report }: Attempted, detail: string): Attempted {
  const outcome = {
    kind: 'failed',
    statusCode: UNAUTHORIZED,
    error: 'auth',
    about: 'receiver',
    retryAfter: null,
  } as const;
  return { kind: 'attempted', outcome, report: { ...report, detail } };
}
