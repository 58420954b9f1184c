/**
 * SuperOffice's REST calls for webhooks, against the relay: paths in any case of letters, with the tenant in front or
 * without, any of the vendor's three ways to authenticate. What is saved is an ordinary hook of the key's tenant.
 * Source: SuperOffice docs, webhook pages; swagger file of the REST API; texts of errors: the vendor's npm client.
 */
import type { Context, MiddlewareHandler } from 'hono';
import { MAX_HOOK_ID, scriptOf, type HookConfig } from '../../core/hook-config.ts';
import { newSecret } from '../../core/signature.ts';
import { checkTarget } from '../../core/target.ts';
import type { HookView } from '../../event-log/registrar.ts';
import type { HookKeys, HookScope } from '../../event-log/hooks.ts';
import { attempt } from '../../hook/attempt.ts';
import { messageOf } from '../../hook/message.ts';
import { signersOf } from '../../hook/signers.ts';
import { testEvent } from '../../hook/test-event.ts';
import { configOf, entityOf, mustBeTested } from '../../providers/superoffice/hook.ts';
import {
  defaultWebhook,
  readWebhook,
  STATES,
  type WebhookInput,
} from '../../providers/superoffice/webhook.ts';
import { randomBytes } from '../../random.ts';
import { eventLogOf, type TenantRef } from '../../registry/address.ts';
import { DEFAULT_TENANT } from '../../tenants/tenants.ts';
import { USER_AGENT } from '../../version.ts';
import { jsonBodyOf } from '../api.ts';
import { hooksOf, identify, isAllowed, type Caller } from '../auth.ts';
import { baseOf, type AppEnv } from '../context.ts';
import { headerProblems } from '../header-rules.ts';
import { isPaused, paused } from '../paused.ts';
import { madeOnce, PROBLEMS, Refusal, refusalFor, refusalHeaders } from '../problem.ts';

type Ctx = Context<AppEnv>;

const PATH = /^(?:\/([^/]+))?\/api\/v1\/webhook(?:\/([^/]*))?\/?$/i;
/** A save is computed from the hook as it was; it is computed anew when the hook has changed meanwhile. */
const SAVE_TRIES = 5;

interface Request {
  readonly tenant: TenantRef;
  readonly scope: HookScope;
  readonly keyId: string | null;
  /** Path of the collection as the caller wrote it. */
  readonly collection: string;
}

/** Answers what is meant for this dialect and leaves everything else to the routes behind it. */
export function superofficeDialect(): MiddlewareHandler<AppEnv> {
  return async function superoffice(c, next) {
    const match = PATH.exec(c.req.path);
    if (match === null) return next();
    try {
      return await answer(c, match[1]?.toLowerCase() ?? null, match[2] ?? '');
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      return errorAnswer(refusalFor(error));
    }
  };
}

async function answer(c: Ctx, pathTenant: string | null, rest: string): Promise<Response> {
  // Hono answers HEAD as GET without the body, but leaves the request as it is.
  const method = c.req.method === 'HEAD' ? 'GET' : c.req.method;
  const request = await authenticated(c, pathTenant, method === 'GET');
  if (request instanceof Response) return request;
  if (rest === '') {
    if (method === 'GET') return list(c, request);
    if (method === 'POST') return create(c, request);
    return methodNotAllowed(method, 'GET, POST');
  }
  if (rest.toLowerCase() === 'default') {
    if (method === 'GET') return c.json(defaultWebhook());
    return methodNotAllowed(method, 'GET');
  }
  const id = /^\d{1,10}$/.test(rest) ? Number(rest) : 0;
  if (id < 1 || id > MAX_HOOK_ID) throw notFound(rest);
  switch (method) {
    case 'GET':
      return c.json(entity(await found(c, request, id), c, request));
    case 'PUT':
      return replace(c, request, id);
    case 'DELETE': {
      const deleted = await eventLogOf(c.env, request.tenant).deleteHook(id, request.scope);
      if (deleted === null) throw notFound(rest);
      return c.body(null, 204);
    }
    default:
      return methodNotAllowed(method, 'DELETE, GET, PUT');
  }
}

async function list(c: Ctx, request: Request): Promise<Response> {
  const query = new Map(Object.entries(c.req.query()).map(([name, value]) => [name.toLowerCase(), value]));
  const name = query.get('namefilter') ?? '';
  const event = query.get('eventfilter')?.toLowerCase() ?? '';
  const status = STATES.find((state) => state.toLowerCase() === query.get('statusfilter')?.toLowerCase());
  const everything = { order: 'asc', after: null, limit: Number.MAX_SAFE_INTEGER } as const;
  const views = await eventLogOf(c.env, request.tenant).listHooks(request.scope, everything);
  const entities = views.map(({ registration, runtime }) => entityOf(registration, runtime.state, null));
  return c.json(
    entities.filter(
      (webhook) =>
        (name === '' || webhook.Name === name) &&
        (event === '' || webhook.Events.some((one) => one.toLowerCase() === event)) &&
        (status === undefined || status === 'Unknown' || webhook.State === status),
    ),
  );
}

async function create(c: Ctx, request: Request): Promise<Response> {
  const webhook = await webhookOf(c);
  if (webhook.state === 'TooManyErrors')
    throw badArgument('Webhook State: expected Active or Stopped, got TooManyErrors');
  const config = configOf(webhook, null);
  const secret = newSecret(randomBytes(32));
  await tryOut(c, request, config, { secret, formerSecrets: [], secretKeys: [] }, null);
  const relayHost = new URL(c.req.url).host;
  const hook = { config, secret, relayHost, keyId: request.keyId };
  const created = await eventLogOf(c.env, request.tenant).createHook(hook, null);
  return c.json(entity(madeOnce(created), c, request));
}

async function replace(c: Ctx, request: Request, id: number): Promise<Response> {
  const webhook = await webhookOf(c);
  const log = eventLogOf(c.env, request.tenant);
  for (let tries = 0; tries < SAVE_TRIES; tries += 1) {
    const { registration, runtime } = await found(c, request, id);
    // Read, changed elsewhere and saved: the state that only the relay sets is no wish of the client's.
    const keepsState = webhook.state === 'TooManyErrors' && runtime.state === 'disabled';
    if (webhook.state === 'TooManyErrors' && !keepsState) {
      throw badArgument('Webhook State: expected Active or Stopped, got TooManyErrors');
    }
    const config = {
      ...configOf(webhook, registration.config),
      ...(keepsState ? { paused: registration.config.paused } : {}),
    };
    const state = keepsState ? 'active' : runtime.state;
    if (mustBeTested(config, registration.config, state)) {
      await tryOut(c, request, config, registration, id);
    } else if (scriptOf(config) === null) checkUrl(c, config.url);
    const relayHost = new URL(c.req.url).host;
    const saved = await log.replaceHook(id, request.scope, registration.version, config, relayHost);
    if (saved === null) throw notFound(String(id));
    if (saved === 'outdated') continue;
    const isResumed = webhook.state === 'Active' && runtime.state === 'disabled';
    const view = isResumed ? await log.resumeHook(id, request.scope) : saved;
    if (view === null) throw notFound(String(id));
    return c.json(entity(view, c, request));
  }
  throw new Refusal('conflict', `Webhook ${id} keeps changing; try again.`);
}

async function webhookOf(c: Ctx): Promise<WebhookInput> {
  const reading = readWebhook((await jsonBodyOf(c.req.raw)).value);
  if (!reading.ok) throw badArgument(reading.messages.join('; '));
  const { webhook } = reading;
  const problems = headerProblems(webhook.headers ?? {});
  if (problems.length > 0) {
    throw badArgument(
      problems.map(({ name, expected }) => `Webhook Headers ${name}: expected ${expected}`).join('; '),
    );
  }
  return webhook;
}

/**
 * The vendor's two conditions for saving: https, and 200 to a signed test event. A script is not tried out, as that would
 * run it; there must be a SuperOffice that can.
 */
async function tryOut(
  c: Ctx,
  { tenant }: Request,
  config: HookConfig,
  keys: HookKeys,
  hookId: number | null,
): Promise<void> {
  if (scriptOf(config) !== null) {
    if (await eventLogOf(c.env, tenant).hasSite()) return;
    throw badArgument(
      'Webhook Type crmscript: expected a source with a site, on which to run the script (PATCH /v1/sources/{id}), got none',
    );
  }
  const url = checkUrl(c, config.url);
  if (await isPaused(c.env, 'delivery')) throw paused('delivery');
  const nowMs = Date.now();
  const event = testEvent(
    { tenant: tenant.tenant, hookId, ...config },
    nowMs,
    randomBytes(5),
    crypto.randomUUID(),
  );
  const message = messageOf(event, {
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
  const { result } = await attempt(url, message, config.retry.timeoutSeconds * 1000, () => Date.now());
  if (result.kind === 'answer' && result.status === 200) return;
  const got =
    result.kind === 'answer' ? String(result.status) : result.kind === 'quota' ? 'nothing' : result.error;
  throw badArgument(`Webhook TargetUrl must answer the test event with 200 OK: got ${got} from ${url.host}`);
}

function checkUrl(c: Ctx, text: string): URL {
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

async function found(c: Ctx, request: Request, id: number): Promise<HookView> {
  const view = await eventLogOf(c.env, request.tenant).getHook(id, request.scope);
  if (view === null) throw notFound(String(id));
  return view;
}

function entity({ registration, runtime }: HookView, c: Ctx, { collection }: Request) {
  const archive = `${baseOf(c)}${collection}`;
  return entityOf(registration, runtime.state, { self: `${archive}/${registration.id}`, archive });
}

async function authenticated(
  c: Ctx,
  pathTenant: string | null,
  isRead: boolean,
): Promise<Request | Response> {
  const credential = credentialOf(c.req.header('authorization') ?? '');
  if (credential === null) {
    throw new Refusal(
      'unauthorized',
      'Send Authorization: Bearer, SOTicket or Basic with a key of the relay.',
    );
  }
  const asked = pathTenant ?? c.req.header('posthorn-tenant') ?? DEFAULT_TENANT;
  const { tenant, caller } = await identify(c.env, c.get('adminKey'), credential, asked);
  if (pathTenant !== null && pathTenant !== tenant.tenant) {
    return Response.json(errorBody('Exception', 'Wrong subdomain used to access tenant'), { status: 421 });
  }
  checkRole(caller, isRead);
  return {
    tenant,
    scope: hooksOf(caller, 'superoffice'),
    keyId: caller.kind === 'key' ? caller.keyId : null,
    collection: `${pathTenant === null ? '' : `/${pathTenant}`}/api/v1/Webhook`,
  };
}

function checkRole(caller: Caller, isRead: boolean): void {
  if (!isAllowed(caller, isRead ? ['subscriber', 'viewer'] : ['subscriber'])) {
    throw new Refusal('forbidden', 'This key may not do that.');
  }
}

/** The key out of `Bearer key`, `SOTicket key` or `Basic base64(any:key)`. */
function credentialOf(header: string): string | null {
  const [, scheme = '', value = ''] = /^(\S+) +(\S+) *$/.exec(header) ?? [];
  switch (scheme.toLowerCase()) {
    case 'bearer':
    case 'soticket':
      return value;
    case 'basic':
      return passwordOf(value);
    default:
      return null;
  }
}

function passwordOf(base64: string): string | null {
  try {
    const text = atob(base64);
    return text.includes(':') ? text.slice(text.indexOf(':') + 1) : null;
  } catch {
    return null;
  }
}

function badArgument(message: string): Refusal {
  return new Refusal('invalid', message);
}

function notFound(id: string): Refusal {
  return new Refusal('not-found', `Webhook id ${id} not found`);
}

function methodNotAllowed(method: string, allowed: string): Response {
  const refusal = new Refusal('method-not-allowed', `This resource has ${allowed}, not ${method}.`);
  const response = errorAnswer(refusal);
  response.headers.set('allow', allowed);
  return response;
}

const ERROR_TYPES: Partial<Record<Refusal['code'], string>> = {
  invalid: 'ArgumentException',
  'not-found': 'SoNotFoundException',
  unauthorized: 'SoAuthenticationException',
  forbidden: 'SoSecurityException',
};

function errorAnswer({ code, message }: Refusal): Response {
  const [status] = PROBLEMS[code];
  const body = errorBody(ERROR_TYPES[code] ?? 'Exception', message);
  return Response.json(body, { status, headers: refusalHeaders(code) });
}

/** The vendor's pages put the text into ErrorMessage, its client reads Message: both carry it. */
function errorBody(type: string, message: string) {
  return {
    Error: true,
    ErrorType: type,
    ErrorMessage: message,
    Message: message,
    ErrorSource: 'SuperOffice.Services.Implementation',
  };
}
