/**
 * Deskera's registration calls against the relay: same paths, same header, same shapes. What is registered is an
 * ordinary hook of the key's tenant. Source: Deskera developer documentation, webhook page.
 */
import { Hono, type Context } from 'hono';
import { FORMATS, HOOK_DEFAULTS, MAX_HOOK_ID, type Format, type HookConfig } from '../../core/hook-config.ts';
import { checkTarget } from '../../core/target.ts';
import { calledUrl, keptSpelling, urlAsSent } from '../../core/url-spelling.ts';
import {
  errorAnswer,
  readRegistration,
  typeOfEvent,
  type FieldProblem,
  type RegisteredHook,
} from '../../providers/deskera/dialect.ts';
import { isUnfit } from '../../event-log/refused.ts';
import { eventLogOf } from '../../registry/address.ts';
import { DEFAULT_TENANT } from '../../tenants/tenant.ts';
import { jsonBodyOf } from '../api.ts';
import { hooksOf, identify, isAllowed } from '../auth.ts';
import { attributionOf } from '../attribution.ts';
import type { AppEnv } from '../context.ts';
import { List } from '../paging.ts';
import { madeOnce, PROBLEMS, Refusal, refusalFor, refusalHeaders } from '../problem.ts';
import { BASES } from './deskera-routes.ts';
import { linkNext, wholeList } from './whole-list.ts';

const PAGE_HOOKS = 2_000;

export function deskeraDialect(): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  app.onError((error) => {
    const refusal = refusalFor(error);
    const [status] = PROBLEMS[refusal.code];
    const headers = refusalHeaders(refusal.code);
    return Response.json(errorAnswer(status, refusal.message, fieldProblems(refusal)), { status, headers });
  });
  for (const base of BASES) {
    for (const end of ['', '/']) {
      app.post(`${base}/register${end}`, register);
      app.all(`${base}/register${end}`, otherMethod('POST'));
      app.delete(`${base}/delete/:id${end}`, deregister);
      app.all(`${base}/delete/:id${end}`, otherMethod('DELETE'));
      app.get(`${base}${end}`, list);
      app.post(`${base}${end}`, () => {
        throw new Refusal('not-found', `Register at ${base}/register, or make a hook at /v1/hooks.`);
      });
      app.all(`${base}${end}`, otherMethod('GET'));
    }
    // Whoever calls below this root speaks Deskera's way, whatever else is wrong.
    app.all(`${base}/*`, () => {
      throw new Refusal('not-found', `${base} has /register and /delete/{id}.`);
    });
  }
  return app;
}

function otherMethod(allowed: string): (c: Context<AppEnv>) => Response {
  return (c) => {
    const message = `This path takes ${allowed}, not ${c.req.method}.`;
    return Response.json(errorAnswer(405, message, []), { status: 405, headers: { allow: allowed } });
  };
}

async function register(c: Context<AppEnv>): Promise<Response> {
  const { tenant, keyId, by } = await callerOf(c, 'write');
  const format = formatOf(c.req.query('format'));
  const relayHost = new URL(c.req.url).host;
  const { targetPolicy, ownHosts } = c.get('settings');
  const registration = readRegistration((await jsonBodyOf(c.req.raw)).value, (url) => {
    const target = checkTarget(url, targetPolicy, [...ownHosts, relayHost]);
    return target.ok ? null : `expected ${target.expected}, got ${target.got}`;
  });
  if (!registration.ok) throw refusalOf(registration.errors);
  const { eventType, webhookUrl } = registration;
  const config: HookConfig = {
    ...HOOK_DEFAULTS,
    url: calledUrl(webhookUrl),
    name: `Deskera ${eventType}`,
    events: [typeOfEvent(eventType)],
    format,
    dialect: { kind: 'deskera', eventType, ...keptSpelling(webhookUrl) },
  };
  const created = await eventLogOf(c.env, tenant).createHook(
    { config, secret: null, relayHost, keyId },
    null,
    by,
  );
  if (isUnfit(created)) {
    // Of what bounds a registration only its URL is the caller's.
    const problems = created.problems.map(({ expected, got }) => `expected ${expected}, got ${got}`);
    throw refusalOf(problems.map((error) => ({ field: 'webhookUrl', error })));
  }
  return c.json(answer(madeOnce(created).registration.id, config, false));
}

async function deregister(c: Context<AppEnv>): Promise<Response> {
  const { tenant, scope, by } = await callerOf(c, 'write');
  const text = c.req.param('id') ?? '';
  if (!/^\d{1,19}$/.test(text))
    throw refusalOf([{ field: 'id', error: 'expected a hook id, a whole number' }]);
  const id = Number(text);
  const deleted = id > MAX_HOOK_ID ? null : await eventLogOf(c.env, tenant).deleteHook(id, scope, null, by);
  if (deleted === null || deleted === 'outdated') throw new Refusal('not-found', `There is no hook ${text}.`);
  return c.json(answer(id, deleted.config, true));
}

async function list(c: Context<AppEnv>): Promise<Response> {
  const { tenant, scope } = await callerOf(c, 'read');
  const log = eventLogOf(c.env, tenant);
  const cursors = new List([c.req.path, tenant.tenant]);
  const after = cursors.placeOf(c.req.query('cursor'));
  const { items, next } = await wholeList<RegisteredHook>(
    after,
    ({ hookId }) => hookId,
    async (from) => {
      const page = await log.registrationPage(scope, { order: 'asc', after: from, limit: PAGE_HOOKS });
      return { items: page.hooks.map(({ id, config }) => answer(id, config, false)), next: page.next };
    },
  );
  linkNext(c, cursors, next);
  return c.json(items);
}

async function callerOf(c: Context<AppEnv>, purpose: 'read' | 'write') {
  const presented = c.req.header('x-access-token');
  if (presented === undefined || presented === '') {
    throw new Refusal('unauthorized', 'Send a key of the relay in the header x-access-token.');
  }
  const asked = c.req.header('posthorn-tenant') ?? DEFAULT_TENANT;
  const { tenant, caller } = await identify(c, presented, asked);
  if (!isAllowed(caller, purpose === 'read' ? ['subscriber', 'viewer'] : ['subscriber'])) {
    throw new Refusal('forbidden', 'This key may not do that.');
  }
  const keyId = caller.kind === 'key' ? caller.keyId : null;
  return { tenant, keyId, scope: hooksOf(caller, 'deskera'), by: attributionOf(c, caller) };
}

/** All but what needs a template, which this API has no member for. */
const OFFERED = FORMATS.filter((format) => format !== 'template');

function formatOf(text: string | undefined): Format {
  const format = text === undefined ? 'raw' : OFFERED.find((known) => known === text);
  if (format === undefined)
    throw refusalOf([{ field: 'format', error: `expected one of ${OFFERED.join(', ')}` }]);
  return format;
}

function answer(hookId: number, config: HookConfig, deleted: boolean): RegisteredHook {
  const eventType = config.dialect.kind === 'deskera' ? config.dialect.eventType : '';
  return { hookId, eventType, webhookUrl: urlAsSent(config), deleted };
}

function refusalOf(problems: readonly FieldProblem[]): Refusal {
  const errors = problems.map(({ field, error }) => ({ path: field, expected: error, got: '' }));
  return new Refusal('invalid', problems.map(({ field, error }) => `${field}: ${error}`).join('; '), errors);
}

function fieldProblems({ errors }: Refusal): FieldProblem[] {
  return errors.map(({ path, expected, got }) => ({
    field: path,
    error: got === '' ? expected : `expected ${expected}, got ${got}`,
  }));
}
