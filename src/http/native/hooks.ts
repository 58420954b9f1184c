/** `/v1/hooks`: hooks registered, listed, changed and deleted. */
import type * as z from 'zod';
import { HOOK_DEFAULTS, patchHook, scriptOf, type HookPatch } from '../../core/hook-config.ts';
import type { HookView } from '../../event-log/hook-reader.ts';
import { eventLogOf } from '../../registry/address.ts';
import type { Api } from '../api.ts';
import { attributionOf } from '../attribution.ts';
import { expectedVersions, outdated, setEtag } from '../etag.ts';
import { hooksOf } from '../auth.ts';
import { ListQuery, listOf, pageOf } from '../paging.ts';
import { notFound, madeOnce } from '../problem.ts';
import { Dropped, HookParams, droppedJson, hookIdOf } from './field.ts';
import { hookFilterOf, hookFilters } from './hook-list.ts';
import { checkTokenUrl } from './hook-shape.ts';
import { checkFilters } from './shaping.ts';
import { HookSchema, HookRow, CreatedHook, NewHook, HookPatchSchema } from './hook-schema.ts';
import { fitting, checkedUrl, checkListener, checkScript, checkSources } from './hook-checks.ts';
import { hookAnswer, foundHook, hookRow, hookJson } from './hook-json.ts';

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
  params: HookParams,
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
  params: HookParams,
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
  params: HookParams,
  answers: { 204: { description: 'Deleted' } },
  problems: ['invalid', 'not-found', 'precondition-failed'],
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
    return hookAnswer(c, foundHook(view));
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
}

function idOf({ registration }: HookView): number {
  return registration.id;
}
