/** `/v1/hooks`: registrations, and what operators do with them. */
import type { Context } from 'hono';
import * as z from 'zod';
import { exactJson } from '../../core/exact-numbers.ts';
import { MAX_PATTERNS, MAX_URL_CHARACTERS } from '../../core/hook-bounds.ts';
import {
  FORMATS,
  HOOK_DEFAULTS,
  ORDERINGS,
  SIGNINGS,
  SUPEROFFICE_TYPES,
  maskHeaders,
  patchHook,
  scriptOf,
  type Dialect,
  type HookPatch,
} from '../../core/hook-config.ts';
import { LISTEN_URL } from '../../core/listener.ts';
import { parseSecret } from '../../core/signature.ts';
import { checkTarget } from '../../core/target.ts';
import { calledUrl } from '../../core/url-spelling.ts';
import { REASONS } from '../../core/delivery.ts';
import type { HookRegistration } from '../../core/hook-registration.ts';
import { isTaken, isUnfit, type Taken, type Unfit } from '../../event-log/refused.ts';
import type { HookView } from '../../event-log/hook-reader.ts';
import { WAIT_REASONS } from '../../core/health.ts';
import { isIncludeName } from '../../providers/superoffice/crmscript.ts';
import { eventLogOf, hookOf, type TenantRef } from '../../registry/address.ts';
import type { Settings } from '../../settings.ts';
import type { Env } from '../../env.ts';
import { legible } from '../legible.ts';
import type { Api } from '../api.ts';
import type { AppEnv } from '../context.ts';
import { attributionOf } from '../attribution.ts';
import { expectedVersions, outdated, setEtag } from '../etag.ts';
import { hooksOf, isAllowed, type Caller } from '../auth.ts';
import { isPaused, paused } from '../paused.ts';
import { headerProblems, PROTO } from '../header-rules.ts';
import { ListQuery, listOf, pageOf } from '../paging.ts';
import { Refusal, invalid, notFound, madeOnce, uidTaken } from '../problem.ts';
import { rule } from '../validation.ts';
import {
  Dropped,
  HookParams,
  PatternText,
  Time,
  boundError,
  droppedJson,
  hookIdOf,
  ignored,
  timeOf,
  timeOrNull,
} from './field.ts';
import { hookFilterOf, hookFilters, readOnlyOfRow, rowMembers, troubleJson } from './hook-list.ts';
import { checkTokenUrl, sentShape, shapeJson, shownShape } from './hook-shape.ts';
import { checkFilters } from './shaping.ts';

const MAX_OVERLAP_SECONDS = 7 * 86_400;

/** `null` values, where the schema lets them through, remove a header. */
function headersOf<T extends z.ZodType<string | null>>(value: T) {
  const record = z.record(z.string(), value).superRefine((headers, context) => {
    for (const { name, expected, got } of headerProblems(headers)) {
      context.addIssue({ ...rule(expected, got), path: name === '' ? [] : [name] });
    }
  });
  // What makes a record of it would leave that member out without a word.
  return z.preprocess((sent, context) => {
    if (typeof sent === 'object' && sent !== null && Object.hasOwn(sent, PROTO)) {
      context.addIssue({ ...rule('a header name', 'another text'), path: [PROTO] });
    }
    return sent;
  }, record);
}

const SecretText = z
  .string()
  .superRefine((text, context) => {
    const reading = parseSecret(text);
    if (!reading.ok) context.addIssue(rule(reading.expected, reading.got));
  })
  .transform((text) => {
    const reading = parseSecret(text);
    return reading.ok ? reading.secret : text;
  })
  .meta({ type: 'string', description: '`whsec_` and the base64 of 24 to 64 bytes.' });

const Status = z.int().min(100).max(599);
const retry = {
  scheduleSeconds: z
    .array(z.int().min(1).max(604_800))
    .max(20)
    .meta({ description: 'Waits between attempts: N steps are N+1 attempts.' }),
  jitter: z.number().min(0).max(0.5),
  timeoutSeconds: z.int().min(1).max(30),
  giveUpOn: z.array(Status).max(100).meta({ description: 'Answers on which a delivery goes dead at once.' }),
  disableAfterSeconds: z.int().min(60).max(31_536_000),
};
const RetrySchema = z.object(retry).meta({ id: 'RetryPolicy' });
const RetryPatch = z.strictObject({
  scheduleSeconds: retry.scheduleSeconds.nullish(),
  jitter: retry.jitter.nullish(),
  timeoutSeconds: retry.timeoutSeconds.nullish(),
  giveUpOn: retry.giveUpOn.nullish(),
  disableAfterSeconds: retry.disableAfterSeconds.nullish(),
});

const members = {
  name: z.string().max(400),
  url: z.string().min(1).max(MAX_URL_CHARACTERS).meta({
    description: 'Where it posts to. `listen:` stands for whoever is connected to /v1/hooks/{id}/listen.',
  }),
  events: z
    .array(PatternText)
    .min(1)
    .max(MAX_PATTERNS)
    .meta({ example: ['superoffice.contact.*'] }),
  sources: z.array(z.string()).max(400).nullable(),
  format: z.enum(FORMATS),
  paused: z.boolean(),
  ordering: z.enum(ORDERINGS),
  concurrency: z.int().min(1).max(6).meta({ description: 'Attempts in flight at the same time.' }),
  signing: z.enum(SIGNINGS).meta({
    description: 'By a shared secret (`v1`), by a key pair (`v1a`, see /public-key), or both.',
  }),
  rateLimit: z
    .strictObject({ perSecond: z.int().min(1).max(1000) })
    .nullable()
    .meta({ description: 'In no second do more attempts start; what exceeds it waits. null: no limit.' }),
  keepAnswers: z.boolean().meta({
    description: 'Keep headers and the first KiB of 2xx answers too, as of those that fail.',
  }),
};

const HookSchema = z
  .object({
    id: z.int(),
    ...members,
    events: z.array(z.string()),
    headers: z
      .record(z.string(), z.string())
      .meta({ description: 'Values are write-only and shown as ***.' }),
    retry: RetrySchema,
    ...shownShape,
    superoffice: z
      .object({
        type: z.enum(SUPEROFFICE_TYPES).meta({
          description:
            'crmscript: `url` is the include name of the script it runs; `format` stays superoffice.',
        }),
        events: z.array(z.string()),
        properties: z.record(z.string(), z.unknown()).nullable(),
        errorsEmail: z.string().nullable(),
      })
      .nullable()
      .meta({ description: 'Of hooks made in the SuperOffice dialect.' }),
    state: z.enum(['active', 'paused', 'disabled']),
    stateReason: z.enum(REASONS).nullable(),
    waiting: z
      .object({ reason: z.enum(WAIT_REASONS), until: Time.nullable() })
      .nullable()
      .meta({ description: 'Why nothing goes out now, and until when at the least.' }),
    stats: z.object({
      pending: z.int(),
      retrying: z.int().meta({ description: 'Of those pending, those that have failed.' }),
      delivered: z.int(),
      dead: z.int(),
      oldestPendingAt: Time.nullable(),
      consecutiveFailures: z.int(),
      lastSuccessAt: Time.nullable(),
      lastFailureAt: Time.nullable(),
      lastError: z.string().nullable(),
    }),
    createdAt: Time,
    updatedAt: Time,
  })
  .meta({ id: 'Hook' });

/** What of a hook its tenant's event log keeps. */
export const HookRegistrationSchema = HookSchema.omit({
  state: true,
  stateReason: true,
  waiting: true,
  stats: true,
});

const HookRow = HookSchema.extend(rowMembers).meta({ id: 'HookRow' });

const SecretAnswer = z.object({ secret: z.string() });
const CreatedHook = HookSchema.extend(SecretAnswer.shape).meta({ id: 'CreatedHook' });

const readOnly = {
  superoffice: ignored,
  id: ignored,
  state: ignored,
  stateReason: ignored,
  waiting: ignored,
  stats: ignored,
  createdAt: ignored,
  updatedAt: ignored,
  ...readOnlyOfRow,
};

const optionalMembers = {
  name: members.name.nullish(),
  events: members.events.nullish(),
  sources: members.sources.optional(),
  format: members.format.nullish(),
  headers: headersOf(z.string().nullable()).nullish(),
  secret: SecretText.optional(),
  paused: members.paused.nullish(),
  ordering: members.ordering.nullish(),
  concurrency: members.concurrency.nullish(),
  signing: members.signing.nullish(),
  retry: RetryPatch.nullish(),
  rateLimit: members.rateLimit.optional(),
  keepAnswers: members.keepAnswers.nullish(),
  ...sentShape,
};
const NewHook = z.strictObject({ url: members.url, ...optionalMembers, ...readOnly }).meta({ id: 'NewHook' });
const HookPatchSchema = z
  .strictObject({ url: members.url.optional(), ...optionalMembers, ...readOnly, dropped: ignored })
  .meta({ id: 'HookPatch', description: 'A merge patch: null puts a member back to its default.' });

const TestResultSchema = z
  .object({
    delivered: z.boolean(),
    statusCode: z.int().nullable(),
    durationMs: z.int(),
    error: z.string().nullable(),
  })
  .meta({ id: 'TestResult' });

const params = HookParams;

export const createHook = {
  method: 'post',
  path: '/v1/hooks',
  summary: 'Register a hook',
  operationId: 'createHook',
  tag: 'Hooks',
  description:
    'Registers a receiver. It gets the events that are accepted from now on and that its patterns, sources and filters let through. The answer is the only one that shows the secret unasked.',
  isIdempotent: true,
  roles: ['subscriber'],
  body: NewHook,
  answers: { 201: { description: 'The hook with its secret', schema: CreatedHook, hasEtag: true } },
  problems: ['invalid', 'too-large', 'quota-exceeded', 'conflict'],
} as const;

export const listHooks = {
  method: 'get',
  path: '/v1/hooks',
  summary: 'List hooks',
  operationId: 'listHooks',
  tag: 'Hooks',
  description:
    'Lists the hooks of the tenant, each as it stood at most a minute ago; a subscriber’s key sees those that it made.',
  roles: ['subscriber', 'viewer'],
  query: ListQuery.extend(hookFilters),
  answers: { 200: { description: 'A page of hooks', schema: pageOf(HookRow) } },
  problems: ['invalid'],
} as const;

export const getHook = {
  method: 'get',
  path: '/v1/hooks/{id}',
  summary: 'Get a hook',
  operationId: 'getHook',
  tag: 'Hooks',
  description:
    'Answers with the configuration of a hook and with what it is doing now: its state, why it waits and until when, and how many deliveries are pending.',
  roles: ['subscriber', 'viewer'],
  params,
  answers: { 200: { description: 'The hook', schema: HookSchema, hasEtag: true } },
  problems: ['not-found'],
} as const;

export const patchHookRoute = {
  method: 'patch',
  path: '/v1/hooks/{id}',
  summary: 'Change a hook (merge patch)',
  operationId: 'updateHook',
  tag: 'Hooks',
  description:
    'Merges the body into the configuration (RFC 7396). With If-Match it is refused once the hook has changed. Another URL makes what is pending due at once.',
  roles: ['subscriber'],
  params,
  body: HookPatchSchema,
  answers: {
    200: {
      description: 'The hook as it is now',
      schema: HookSchema.extend({ dropped: Dropped }),
      hasEtag: true,
    },
  },
  problems: ['invalid', 'not-found', 'conflict', 'precondition-failed', 'too-large'],
} as const;

export const deleteHook = {
  method: 'delete',
  path: '/v1/hooks/{id}',
  summary: 'Delete a hook: no attempt starts from now on',
  operationId: 'deleteHook',
  tag: 'Hooks',
  description: 'Ends a hook. What is pending is not delivered, and its number is never given to another one.',
  roles: ['subscriber'],
  params,
  answers: { 204: { description: 'Deleted' } },
  problems: ['invalid', 'not-found', 'precondition-failed'],
} as const;

export const getSecret = {
  method: 'get',
  path: '/v1/hooks/{id}/secret',
  summary: 'Get the secret of a hook',
  operationId: 'getHookSecret',
  tag: 'Hooks',
  description: 'Answers with the secret that signs the deliveries of the hook.',
  roles: ['subscriber'],
  params,
  answers: { 200: { description: 'The secret', schema: SecretAnswer } },
  problems: ['not-found'],
} as const;

const RotateSecret = z
  .strictObject({
    secret: SecretText.optional(),
    overlapSeconds: z.int().min(0).max(MAX_OVERLAP_SECONDS).default(86_400).meta({
      description: 'How long the one before signs as well.',
    }),
  })
  .meta({ id: 'RotateHookSecret' });

export const rotateSecret = {
  method: 'post',
  path: '/v1/hooks/{id}/rotate-secret',
  summary:
    'Give a hook a new secret and, if it signs with one, a new key pair; until the overlap ends both sign',
  operationId: 'rotateHookSecret',
  tag: 'Hooks',
  description:
    'Makes a new secret, or takes the one in the body. Until the overlap ends, each delivery carries a signature of the old secret as well.',
  roles: ['subscriber'],
  params,
  body: RotateSecret,
  isBodyOptional: true,
  answers: { 200: { description: 'The new secret', schema: SecretAnswer } },
  problems: ['invalid', 'not-found', 'conflict', 'too-large', 'unsupported-media-type'],
} as const;

const PublicJwkSchema = z
  .object({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: z.string() })
  .meta({ id: 'PublicJwk', description: 'RFC 8037; `x` is the 32 bytes of the key in base64url.' });
const PublicKeyText = z
  .string()
  .meta({ description: '`whpk_` and base64 of the 32 bytes of the key, as Standard Webhooks spells it.' });
const PublicKeyAnswer = z
  .object({
    publicKey: PublicKeyText,
    jwk: PublicJwkSchema,
    keys: z
      .array(z.object({ publicKey: PublicKeyText, jwk: PublicJwkSchema, until: Time.nullable() }))
      .meta({ description: 'All that sign, newest first; `until` null: as long as it is the newest.' }),
  })
  .meta({ id: 'PublicKey', description: 'The newest public key, and all that sign now.' });

export const getPublicKey = {
  method: 'get',
  path: '/v1/hooks/{id}/public-key',
  summary: 'Get the public key that verifies the deliveries of a hook',
  operationId: 'getHookPublicKey',
  tag: 'Hooks',
  description: 'Answers with the Ed25519 keys that verify the deliveries of a hook whose signing is ed25519.',
  roles: ['subscriber', 'viewer'],
  params,
  answers: { 200: { description: 'The public keys in force', schema: PublicKeyAnswer } },
  problems: ['not-found', 'conflict'],
} as const;

export const pauseHook = {
  method: 'post',
  path: '/v1/hooks/{id}/pause',
  summary: 'Pause a hook: its queue grows, nothing is sent',
  operationId: 'pauseHook',
  tag: 'Hooks',
  description:
    'Stops deliveries of this hook. Events are queued for it as before, and go out in order once it is resumed.',
  roles: ['subscriber'],
  params,
  answers: { 200: { description: 'The hook as it is now', schema: HookSchema, hasEtag: true } },
  problems: ['not-found'],
} as const;

export const resumeHook = {
  method: 'post',
  path: '/v1/hooks/{id}/resume',
  summary: 'Resume a paused hook, or re-enable a disabled one',
  operationId: 'resumeHook',
  tag: 'Hooks',
  description:
    'Starts a paused or disabled hook again. What has failed meanwhile is due now, the first of it as a probe.',
  roles: ['subscriber'],
  params,
  answers: { 200: { description: 'The hook as it is now', schema: HookSchema, hasEtag: true } },
  problems: ['not-found'],
} as const;

export const testHook = {
  method: 'post',
  path: '/v1/hooks/{id}/test',
  summary: 'Send a posthorn.test event now',
  operationId: 'testHook',
  tag: 'Hooks',
  description:
    'Sends one posthorn.test event outside the queue, signed and shaped as any other, and answers with what the receiver said.',
  roles: ['subscriber'],
  params,
  answers: { 200: { description: 'What came of it', schema: TestResultSchema } },
  problems: ['not-found', 'paused'],
} as const;

export function hookRoutes(api: Api): void {
  api.route(createHook, async (c, input) => {
    const { url: sentUrl, secret, ...hook } = input.body;
    const tenant = c.get('tenant');
    const relayHost = new URL(c.req.url).host;
    const url = checkedUrl(sentUrl, c.get('settings'), relayHost);
    checkFilters(hook.filters, input.bodyBytes);
    checkTokenUrl(hook.auth, c.get('settings'), relayHost);
    await checkSources(c.env, tenant, hook.sources);
    const caller = c.get('caller');
    const keyId = caller.kind === 'key' ? caller.keyId : null;
    const config = patchHook({ ...HOOK_DEFAULTS, url }, hook);
    const created = await eventLogOf(c.env, tenant).createHook(
      { config, secret: secret ?? null, relayHost, keyId },
      input.idempotency,
      attributionOf(c),
    );
    const view = madeOnce(fitting(created));
    setEtag(c, view.registration.version);
    return c.json({ ...hookJson(view), secret: view.registration.secret }, 201);
  });

  api.route(listHooks, async (c, input) => {
    const { limit, order, cursor, ...filters } = input.query;
    const list = listOf(c, { order, ...filters });
    const query = { order, after: list.placeOf(cursor), limit };
    const log = eventLogOf(c.env, c.get('tenant'));
    const { views, next } = await log.hookPage(hooksOf(c.get('caller')), query, hookFilterOf(filters));
    return c.json(list.pageUpTo<HookView, z.infer<typeof HookRow>>(views, next, idOf, hookRow), 200);
  });

  api.route(getHook, async (c, input) => {
    const view = await eventLogOf(c.env, c.get('tenant')).getHook(
      hookIdOf(input.params.id),
      hooksOf(c.get('caller')),
    );
    return answer(c, found(view));
  });

  api.route(patchHookRoute, async (c, input) => {
    const { secret, ...sent } = input.body;
    let patch: HookPatch = sent;
    const id = hookIdOf(input.params.id);
    const tenant = c.get('tenant');
    const relayHost = new URL(c.req.url).host;
    const scope = hooksOf(c.get('caller'));
    const log = eventLogOf(c.env, tenant);
    if (sent.url !== undefined || sent.format !== undefined) {
      const registration = await log.registration(id, scope);
      if (registration === null) throw notFound('hook');
      if (scriptOf(registration.config) !== null) checkScript(c.get('caller'), sent);
      else if (sent.url !== undefined) {
        patch = { ...sent, url: checkedUrl(sent.url, c.get('settings'), relayHost) };
        checkListener(patch.url, registration.config.dialect);
      }
    }
    checkFilters(patch.filters, input.bodyBytes);
    checkTokenUrl(patch.auth, c.get('settings'), relayHost);
    await checkSources(c.env, tenant, patch.sources);
    const versions = expectedVersions(c);
    const view = await log.patchHook(id, scope, patch, secret ?? null, relayHost, versions, attributionOf(c));
    if (view === 'outdated') throw outdated('hook');
    const patched = fitting(view);
    if (patched === null) throw notFound('hook');
    setEtag(c, patched.registration.version);
    return c.json({ ...hookJson(patched), ...droppedJson(patched.dropped) }, 200);
  });

  api.route(deleteHook, async (c, input) => {
    const deleted = await eventLogOf(c.env, c.get('tenant')).deleteHook(
      hookIdOf(input.params.id),
      hooksOf(c.get('caller')),
      expectedVersions(c),
      attributionOf(c),
    );
    if (deleted === null) throw notFound('hook');
    if (deleted === 'outdated') throw outdated('hook');
    return c.body(null, 204);
  });

  api.route(getSecret, async (c, input) => {
    const id = hookIdOf(input.params.id);
    const registration = await eventLogOf(c.env, c.get('tenant')).readHook(
      id,
      hooksOf(c.get('caller')),
      attributionOf(c),
    );
    if (registration === null) throw notFound('hook');
    return c.json({ secret: legible(registration.secret, `hook ${id}`) }, 200);
  });

  api.route(rotateSecret, async (c, input) => {
    const { secret, overlapSeconds } = input.body;
    const log = eventLogOf(c.env, c.get('tenant'));
    const id = hookIdOf(input.params.id);
    const rotated = await log.rotateHookSecret(
      id,
      hooksOf(c.get('caller')),
      secret ?? null,
      overlapSeconds * 1000,
      attributionOf(c),
    );
    if (rotated === null) throw notFound('hook');
    if (rotated === 'full') {
      throw new Refusal(
        'conflict',
        'Five secrets sign already; wait for one to end, or rotate with overlapSeconds 0.',
      );
    }
    return c.json({ secret: rotated.secret }, 200);
  });

  api.route(getPublicKey, async (c, input) => {
    const id = hookIdOf(input.params.id);
    const log = eventLogOf(c.env, c.get('tenant'));
    const found = await log.publicKeys(id, hooksOf(c.get('caller')));
    if (found === null) throw notFound('hook');
    const keys = found.map(({ untilMs, ...key }) => ({ ...key, until: timeOrNull(untilMs) }));
    const [newest] = keys;
    if (newest === undefined) {
      throw new Refusal(
        'conflict',
        'This hook signs with its secret alone; set signing to ed25519 or both to give it a key pair.',
      );
    }
    return c.json({ publicKey: newest.publicKey, jwk: newest.jwk, keys }, 200);
  });

  api.route(pauseHook, async (c, input) => {
    const view = await eventLogOf(c.env, c.get('tenant')).pauseHook(
      hookIdOf(input.params.id),
      hooksOf(c.get('caller')),
      attributionOf(c),
    );
    return answer(c, found(view));
  });

  api.route(resumeHook, async (c, input) => {
    const view = await eventLogOf(c.env, c.get('tenant')).resumeHook(
      hookIdOf(input.params.id),
      hooksOf(c.get('caller')),
      attributionOf(c),
    );
    return answer(c, found(view));
  });

  api.route(testHook, async (c, input) => {
    const id = hookIdOf(input.params.id);
    const tenant = c.get('tenant');
    const registration = await eventLogOf(c.env, tenant).registration(id, hooksOf(c.get('caller')));
    if (registration === null) throw notFound('hook');
    if (await isPaused(c.env, 'delivery')) throw paused('delivery');
    return c.json(await hookOf(c.env, tenant, id).test(), 200);
  });
}

function answer(c: Context<AppEnv>, view: HookView): Response {
  setEtag(c, view.registration.version);
  return c.json(hookJson(view), 200);
}

function found(view: HookView | null): HookView {
  if (view === null) throw notFound('hook');
  return view;
}

/** What fits within the bounds of a registration, and beside the others. */
function fitting<T>(result: T): Exclude<T, Unfit | Taken> {
  if (isUnfit(result)) throw invalid(...result.problems.map(boundError));
  if (isTaken(result)) throw uidTaken(result);
  return result as Exclude<T, Unfit | Taken>;
}

/** The URL as it is called. */
function checkedUrl(url: string, settings: Settings, relayHost: string): string {
  if (calledUrl(url) === LISTEN_URL) return LISTEN_URL;
  const target = checkTarget(url, settings.targetPolicy, [...settings.ownHosts, relayHost]);
  if (!target.ok) throw invalid({ path: '/url', expected: target.expected, got: target.got });
  return target.url.href;
}

/** The API that a hook was made in must be able to show where it goes. */
function checkListener(url: string | undefined, { kind }: Dialect): void {
  if (url !== LISTEN_URL || kind === 'native') return;
  const expected = `a URL to post to, as the hook was made in the ${kind} dialect`;
  throw invalid({ path: '/url', expected, got: LISTEN_URL });
}

/** Of a hook that runs a script: `url` is its include name, and its parameters are told in one format only. */
function checkScript(caller: Caller, { url, format }: Pick<HookPatch, 'url' | 'format'>): void {
  if (url !== undefined && !isAllowed(caller, [])) {
    throw new Refusal('forbidden', 'Which CRMScript a hook runs is for a key with role admin to say.');
  }
  if (url !== undefined && !isIncludeName(url)) {
    const got = `a string of ${url.length} characters`;
    throw invalid({ path: '/url', expected: 'the include name of a CRMScript, which is no URL', got });
  }
  if (format !== undefined && format !== 'superoffice') {
    const got = JSON.stringify(format);
    throw invalid({ path: '/format', expected: '"superoffice", as the hook runs a CRMScript', got });
  }
}

async function checkSources(
  env: Env,
  tenant: TenantRef,
  ids: readonly string[] | null | undefined,
): Promise<void> {
  if (ids === null || ids === undefined || ids.length === 0) return;
  const unknown = new Set(await eventLogOf(env, tenant).unknownSources(ids));
  const errors = ids.flatMap((id, index) =>
    unknown.has(id)
      ? [{ path: `/sources/${index}`, expected: 'the id of a source', got: JSON.stringify(id.slice(0, 80)) }]
      : [],
  );
  if (errors.length > 0) throw invalid(...errors);
}

function hookRow(view: HookView): z.infer<typeof HookRow> {
  return { ...hookJson(view), ...troubleJson(view.runtime) };
}

function idOf({ registration }: HookView): number {
  return registration.id;
}

type HookJson = z.infer<typeof HookSchema>;

function hookJson({ registration, runtime }: HookView): HookJson {
  return {
    ...registrationJson(registration),
    state: runtime.state,
    stateReason: runtime.stateReason,
    waiting: runtime.waiting && {
      reason: runtime.waiting.reason,
      until: timeOrNull(runtime.waiting.untilMs),
    },
    stats: {
      pending: runtime.pending,
      retrying: runtime.retrying,
      delivered: runtime.delivered,
      dead: runtime.dead,
      oldestPendingAt: timeOrNull(runtime.oldestPendingAtMs),
      consecutiveFailures: runtime.consecutiveFailures,
      lastSuccessAt: timeOrNull(runtime.lastSuccessAtMs),
      lastFailureAt: timeOrNull(runtime.lastFailureAtMs),
      lastError: runtime.lastError,
    },
  };
}

/** A hook without what its object knows of it; no secret. */
export function registrationJson(registration: HookRegistration): z.infer<typeof HookRegistrationSchema> {
  const { config } = registration;
  return {
    id: registration.id,
    name: config.name,
    url: scriptOf(config) === null ? calledUrl(config.url) : config.url,
    events: [...config.events],
    sources: config.sources === null ? null : [...config.sources],
    format: config.format,
    headers: maskHeaders(config.headers),
    paused: config.paused,
    ordering: config.ordering,
    concurrency: config.concurrency,
    signing: config.signing,
    retry: {
      ...config.retry,
      scheduleSeconds: [...config.retry.scheduleSeconds],
      giveUpOn: [...config.retry.giveUpOn],
    },
    rateLimit: config.rateLimit && { perSecond: config.rateLimit.perSecond },
    keepAnswers: config.keepAnswers ?? false,
    ...shapeJson(config),
    superoffice: superofficeJson(config.dialect),
    createdAt: timeOf(registration.createdAtMs),
    updatedAt: timeOf(registration.updatedAtMs),
  };
}

function superofficeJson(dialect: Dialect): z.infer<typeof HookSchema>['superoffice'] {
  if (dialect.kind !== 'superoffice') return null;
  const { type, events, properties, errorsEmail } = dialect;
  return { type, events: [...events], properties: properties && exactJson({ ...properties }), errorsEmail };
}
