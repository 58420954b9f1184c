/** `/v1/sources`: the connections to providers. */
import type { Context } from 'hono';
import { MASK } from '../../core/hook-config.ts';
import { checkTarget } from '../../core/target.ts';
import { mergedOptions, type SourceView } from '../../event-log/source.ts';
import { isTaken } from '../../event-log/refused.ts';
import type { ProviderName } from '../../providers/providers.ts';
import { patchSite, type SitePatch } from '../../providers/superoffice/site.ts';
import { eventLogOf } from '../../registry/address.ts';
import type { Api } from '../api.ts';
import { attributionOf } from '../attribution.ts';
import { expectedVersions, outdated, setEtag } from '../etag.ts';
import type { AppEnv } from '../context.ts';
import { ListQuery, listOf, pageOf } from '../paging.ts';
import { invalid, notFound, madeOnce, type Refusal, uidTaken } from '../problem.ts';
import { chosenProvider, chosenSecret } from './source-choice.ts';
import { Dropped, droppedJson } from './field.ts';
import { SourceParams, CreatedSource, NewSource, SourcePatch, SourceSchema } from './source-schema.ts';
import { secretOf, type SourceJson, sourceJson } from './source-json.ts';

export const createSource = {
  method: 'post',
  path: '/v1/sources',
  summary: 'Connect a provider',
  operationId: 'createSource',
  tag: 'Sources',
  description:
    'Makes an inbound URL for a provider. What arrives there is verified, normalised and stored before it is answered.',
  isIdempotent: true,
  body: NewSource,
  answers: { 201: { description: 'The source with its secret', schema: CreatedSource, hasEtag: true } },
  problems: ['invalid', 'too-large', 'quota-exceeded', 'conflict'],
} as const;

export const listSources = {
  method: 'get',
  path: '/v1/sources',
  summary: 'List sources',
  operationId: 'listSources',
  tag: 'Sources',
  description: 'Lists the sources of the tenant with their counters.',
  roles: ['viewer'],
  query: ListQuery,
  answers: { 200: { description: 'A page of sources', schema: pageOf(SourceSchema) } },
  problems: ['invalid'],
} as const;

export const getSource = {
  method: 'get',
  path: '/v1/sources/{id}',
  summary: 'Get a source',
  operationId: 'getSource',
  tag: 'Sources',
  description: 'Answers with a source, its inbound URL, and how much it has accepted and refused.',
  roles: ['viewer'],
  params: SourceParams,
  answers: { 200: { description: 'The source', schema: SourceSchema, hasEtag: true } },
  problems: ['not-found'],
} as const;

export const patchSource = {
  method: 'patch',
  path: '/v1/sources/{id}',
  summary: 'Change a source (merge patch)',
  operationId: 'updateSource',
  tag: 'Sources',
  description:
    'Merges the body into the source (RFC 7396). With If-Match it is refused once the source has changed.',
  params: SourceParams,
  body: SourcePatch,
  answers: {
    200: {
      description: 'The source as it is now',
      schema: SourceSchema.extend({ dropped: Dropped }),
      hasEtag: true,
    },
  },
  problems: ['invalid', 'not-found', 'too-large', 'conflict', 'precondition-failed'],
} as const;

export const deleteSource = {
  method: 'delete',
  path: '/v1/sources/{id}',
  summary: 'Delete a source: its URL stops at once',
  operationId: 'deleteSource',
  tag: 'Sources',
  description: 'Ends the inbound URL of a source. The events that it brought stay in the log.',
  params: SourceParams,
  answers: { 204: { description: 'Deleted; its events stay.' } },
  problems: ['not-found', 'invalid', 'precondition-failed'],
} as const;

export function sourceRoutes(api: Api): void {
  api.route(createSource, async (c, input) => {
    const { provider, name, secret: sent, paths, options, site } = input.body;
    const { uid = null, managedBy = null, silentAfterSeconds = null } = input.body;
    const recipe = input.body.recipe ?? null;
    const secret = chosenSecret(chosenProvider({ provider, options, recipe }), sent);
    const made = site ? patchSite(null, checkedSite(c, provider, site), new URL(c.req.url).host) : null;
    if (made?.kind === 'incomplete') throw incompleteSite(made.missing);
    const log = eventLogOf(c.env, c.get('tenant'));
    const expiresAtMs = timeIn(input.body.expiresAt) ?? null;
    const source = {
      provider,
      name,
      uid,
      managedBy,
      secret,
      paths,
      options,
      recipe,
      site: made && made.site,
      expiresAtMs,
      silentAfterSeconds,
    };
    const created = madeOnce(await log.createSource(source, input.idempotency, attributionOf(c)));
    setEtag(c, created.version);
    return c.json({ ...sourceJson(c, created), secret: secretOf(created) }, 201);
  });

  api.route(listSources, async (c, input) => {
    const { limit, order, cursor } = input.query;
    const list = listOf(c, { order });
    const query = { order, after: list.placeOf(cursor), limit: limit + 1 };
    const sources = await eventLogOf(c.env, c.get('tenant')).listSources(query);
    const page = list.page<SourceView, SourceJson>(
      sources,
      limit,
      ({ n }) => n,
      (source) => sourceJson(c, source),
    );
    return c.json(page, 200);
  });

  api.route(getSource, async (c, input) => {
    const source = await eventLogOf(c.env, c.get('tenant')).getSource(input.params.id);
    if (source === null) throw notFound('source');
    setEtag(c, source.version);
    return c.json(sourceJson(c, source), 200);
  });

  api.route(patchSource, async (c, input) => {
    const { name, uid, managedBy, paths, options, recipe, silentAfterSeconds } = input.body;
    let { site } = input.body;
    const { id } = input.params;
    const log = eventLogOf(c.env, c.get('tenant'));
    if (site || options !== undefined || recipe !== undefined) {
      const source = await log.getSource(id);
      if (source === null) throw notFound('source');
      if (site) site = checkedSite(c, source.provider, site);
      chosenProvider({
        provider: source.provider,
        options: mergedOptions(source.options, options),
        recipe: recipe === undefined ? source.recipe : recipe,
      });
    }
    const expiresAtMs = timeIn(input.body.expiresAt);
    const patch = {
      name,
      uid,
      managedBy,
      paths,
      options,
      recipe: recipe ?? undefined,
      site,
      expiresAtMs,
      silentAfterSeconds,
    };
    const patched = await log.patchSource(
      id,
      patch,
      new URL(c.req.url).host,
      expectedVersions(c),
      attributionOf(c),
    );
    if (patched === null) throw notFound('source');
    if (patched === 'outdated') throw outdated('source');
    if (isTaken(patched)) throw uidTaken(patched);
    if ('missing' in patched) throw incompleteSite(patched.missing);
    const { source, dropped } = patched;
    setEtag(c, source.version);
    return c.json({ ...sourceJson(c, source), ...droppedJson(dropped) }, 200);
  });

  api.route(deleteSource, async (c, input) => {
    const log = eventLogOf(c.env, c.get('tenant'));
    const isDeleted = await log.deleteSource(input.params.id, expectedVersions(c), attributionOf(c));
    if (isDeleted === 'outdated') throw outdated('source');
    if (!isDeleted) throw notFound('source');
    return c.body(null, 204);
  });
}

/** Undefined: nothing is said of it. */
function timeIn(text: string | null | undefined): number | null | undefined {
  return typeof text === 'string' ? Date.parse(text) : text;
}

/** With its URL as it is called. */
function checkedSite<S extends SitePatch>(c: Context<AppEnv>, provider: ProviderName, site: S): S {
  const { url } = site;
  if (provider !== 'superoffice') {
    const got = `a site of ${provider}`;
    throw invalid({ path: '/site', expected: 'none: only a SuperOffice runs scripts', got });
  }
  if (url === undefined) return site;
  const { targetPolicy, ownHosts } = c.get('settings');
  const target = checkTarget(url, targetPolicy, [...ownHosts, new URL(c.req.url).host]);
  if (!target.ok) throw invalid({ path: '/site/url', expected: target.expected, got: target.got });
  if (target.url.search !== '' || target.url.hash !== '') {
    const got = 'a URL with a query or fragment';
    throw invalid({ path: '/site/url', expected: 'a base URL, without query and fragment', got });
  }
  return { ...site, url: target.url.href };
}

function incompleteSite(missing: keyof SitePatch): Refusal {
  const expected =
    missing === 'url' ? 'the URL of the site' : `a credential: there is none that ${MASK} could stand for`;
  return invalid({ path: `/site/${missing}`, expected, got: 'nothing' });
}
