/** The signed `test` event that a target is tried out with, and the guard in front of every target. */
import { scriptOf, type HookConfig } from '../../../core/hook-config.ts';
import { checkTarget } from '../../../core/target.ts';
import { urlAsSent } from '../../../core/url-spelling.ts';
import type { HookKeys } from '../../../core/hook-registration.ts';
import { attempt } from '../../../hook/attempt.ts';
import { loginOf } from '../../../hook/login.ts';
import { messageOf } from '../../../hook/message.ts';
import { proven } from '../../../hook/proofs.ts';
import { reportOf, type AttemptReport } from '../../../hook/report.ts';
import { signersOf } from '../../../hook/signers.ts';
import { testEvent } from '../../../hook/test-event.ts';
import { TOKENS_FOR_ONCE } from '../../../hook/token-server.ts';
import { writeOnlyOf } from '../../../hook/write-only.ts';
import { randomBytes } from '../../../random.ts';
import { eventLogOf } from '../../../registry/address.ts';
import { USER_AGENT } from '../../../version.ts';
import { isPaused, paused } from '../../paused.ts';
import type { Client, Ctx } from './client.ts';
import { badArgument } from './errors.ts';

/** What is tried out. `hookId` null: not registered yet. */
export interface Candidate {
  readonly config: HookConfig;
  readonly keys: HookKeys;
  readonly hookId: number | null;
}

/**
 * The vendor's two conditions for saving: https, and 200 to a signed test event. A script is not tried out, as that would
 * run it; there must be a SuperOffice that can.
 */
export async function tryOut(c: Ctx, client: Client, candidate: Candidate): Promise<void> {
  if (scriptOf(candidate.config) !== null) {
    await expectSite(c, client);
    return;
  }
  const report = await sendTest(c, client, candidate);
  if (isPassed(report)) return;
  const { result } = report;
  const got =
    result.kind === 'answer' ? String(result.status) : result.kind === 'quota' ? 'nothing' : result.error;
  const { host } = new URL(candidate.config.url);
  throw badArgument(`Webhook TargetUrl must answer the test event with 200 OK: got ${got} from ${host}`);
}

export async function sendTest(
  c: Ctx,
  { tenant }: Client,
  { config, keys, hookId }: Candidate,
): Promise<AttemptReport> {
  const url = checkUrl(c, config);
  if (await isPaused(c.env, 'delivery')) throw paused('delivery');
  const nowMs = Date.now();
  const event = testEvent(
    { tenant: tenant.tenant, hookId, ...config },
    nowMs,
    randomBytes(5),
    crypto.randomUUID(),
  );
  const composed = messageOf(event, {
    tenant: tenant.tenant,
    hookId,
    config,
    script: null,
    signers: signersOf(keys, config.signing, nowMs),
    attempt: 1,
    sequence: null,
    replay: null,
    timestampSeconds: Math.floor(nowMs / 1000),
    userAgent: USER_AGENT,
  });
  if (composed.kind === 'unsendable')
    throw badArgument(`Webhook: the test event cannot be sent: ${composed.problem}`);
  const authorization = await authorizationOf(c, config);
  const timestampSeconds = Math.floor(nowMs / 1000);
  const complete = proven(composed.message, config, { authorization, url: url.href, timestampSeconds });
  if (complete.kind === 'unsendable')
    throw badArgument(`Webhook: the test event cannot be sent: ${complete.problem}`);
  const { message } = complete;
  const options = {
    timeoutMs: config.retry.timeoutSeconds * 1000,
    keepsSuccess: true,
    mayRepeat: () => Promise.resolve(true),
  };
  const exchange = await attempt(url, message, options, () => Date.now());
  return reportOf(exchange, message, writeOnlyOf(config, keys, null, authorization), true);
}

/** The value of the header that the hook's login sets; null: there is none. A token is fetched for this one event. */
async function authorizationOf(c: Ctx, { auth = null }: HookConfig): Promise<string | null> {
  const login = await loginOf(auth, {
    tokens: TOKENS_FOR_ONCE,
    settings: c.get('settings'),
    relayHost: new URL(c.req.url).host,
    clock: () => Date.now(),
  });
  if (login.kind === 'ready') return login.authorization;
  const why = login.kind === 'failed' ? login.detail : 'nothing could be sent';
  throw badArgument(`Webhook: the test event cannot be sent: ${why}`);
}

/** Refuses where no SuperOffice is known that could run a script. */
export async function expectSite(c: Ctx, { tenant }: Client): Promise<void> {
  if (await eventLogOf(c.env, tenant).hasSite()) return;
  throw badArgument(
    'Webhook Type crmscript: expected a source with a site, on which to run the script (PATCH /v1/sources/{id}), got none',
  );
}

export function isPassed({ result }: AttemptReport): boolean {
  return result.kind === 'answer' && result.status === 200;
}

/** What is wrong with it is said of the URL as it was sent. */
export function checkUrl(c: Ctx, config: HookConfig): URL {
  const text = urlAsSent(config);
  const { targetPolicy, ownHosts } = c.get('settings');
  const target = checkTarget(text, targetPolicy, [...ownHosts, new URL(c.req.url).host]);
  if (target.ok) return target.url;
  const isInsecure = target.reason === 'scheme' || target.reason === 'malformed';
  throw badArgument(
    isInsecure && !/^\s*https:/i.test(text)
      ? `Webhook TargetUrl must be secure: 'HTTPS:' not found in ${text.replace(/\/\/.*@/s, '//***@')}`
      : `Webhook TargetUrl: expected ${target.expected}, got ${target.got}`,
  );
}
