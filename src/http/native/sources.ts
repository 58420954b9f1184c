/** `/v1/sources`: the connections to providers. */
import type { Context } from 'hono';
import * as z from 'zod';
import { isSealed } from '../../core/sealing.ts';
import { legible } from '../legible.ts';
import { MASK } from '../../core/hook-config.ts';
import { checkTarget } from '../../core/target.ts';
import { calledUrl } from '../../core/url-spelling.ts';
import { mergedOptions, type Source, type SourceView } from '../../event-log/source.ts';
import type { ProviderCall } from '../../providers/provider.ts';
import { isTaken } from '../../event-log/refused.ts';
import { setupText, type ProviderName } from '../../providers/providers.ts';
import { patchSite, type SitePatch } from '../../providers/superoffice/site.ts';
import { eventLogOf } from '../../registry/address.ts';
import type { Api } from '../api.ts';
import { attributionOf } from '../attribution.ts';
import { expectedVersions, outdated, setEtag } from '../etag.ts';
import { baseOf, type AppEnv } from '../context.ts';
import { ListQuery, listOf, pageOf } from '../paging.ts';
import { invalid, notFound, madeOnce, Refusal, uidTaken } from '../problem.ts';
import { chosenProvider, chosenSecret, nextSecret } from './source-choice.ts';
import { Dropped, droppedJson, timeOf, timeOrNull } from './field.ts';
import {
  CreatedSource,
  MAX_SECRET_CHARACTERS,
  NewSource,
  SecretAnswer,
  SourcePatch,
  SourceSchema,
} from './source-schema.ts';

const MAX_OVERLAP_SECONDS = 7 * 86_400;

const params = z.object({ id: z.string().meta({ description: 'The id of the source.' }) });

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
  params,
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
  params,
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
  params,
  answers: { 204: { description: 'Deleted; its events stay.' } },
  problems: ['not-found', 'invalid', 'precondition-failed'],
} as const;

export const getSecret = {
  method: 'get',
  path: '/v1/sources/{id}/secret',
  summary: 'Get the secret of a source',
  operationId: 'getSourceSecret',
  tag: 'Sources',
  description: 'Answers with the secret that verifies the requests of the provider.',
  params,
  answers: { 200: { description: 'The secret', schema: SecretAnswer } },
  problems: ['not-found'],
} as const;

const overlapSeconds = z
  .int()
  .min(0)
  .max(MAX_OVERLAP_SECONDS)
  .default(86_400)
  .meta({ description: 'How long the one before stays good.' });

const RotateSecret = z
  .strictObject({ secret: z.string().max(MAX_SECRET_CHARACTERS).optional(), overlapSeconds })
  .meta({ id: 'RotateSourceSecret' });
const RotateUrl = z.strictObject({ overlapSeconds }).meta({ id: 'RotateSourceUrl' });

export const rotateSecret = {
  method: 'post',
  path: '/v1/sources/{id}/rotate-secret',
  summary: 'Give a source a new secret; until the overlap ends both verify',
  operationId: 'rotateSourceSecret',
  tag: 'Sources',
  description: 'Makes a new secret, or takes the one in the body. Until the overlap ends, both verify.',
  params,
  body: RotateSecret,
  isBodyOptional: true,
  answers: { 200: { description: 'The new secret', schema: SecretAnswer } },
  problems: ['invalid', 'not-found', 'conflict', 'too-large', 'unsupported-media-type'],
} as const;

export const rotateUrl = {
  method: 'post',
  path: '/v1/sources/{id}/rotate-url',
  summary: 'Give a source a new inbound URL; until the overlap ends both work',
  operationId: 'rotateSourceUrl',
  tag: 'Sources',
  description: 'Makes a new inbound URL. Until the overlap ends, both take events.',
  params,
  body: RotateUrl,
  isBodyOptional: true,
  answers: {
    200: { description: 'The source with its new inboundUrl', schema: SourceSchema, hasEtag: true },
  },
  problems: ['invalid', 'not-found', 'conflict', 'too-large', 'unsupported-media-type'],
} as const;

const SetupCall = z
  .object({
    eventType: z.string().nullable().meta({ description: 'null: one call for all events.' }),
    method: z.literal('POST'),
    url: z.string(),
    headers: z.record(z.string(), z.string()),
    body: z.record(z.string(), z.unknown()),
    curl: z.string(),
  })
  .meta({ id: 'SetupCall' });

export const getSetup = {
  method: 'get',
  path: '/v1/sources/{id}/setup',
  summary: 'What to call at the provider to point it here',
  operationId: 'getSourceSetup',
  tag: 'Sources',
  description:
    'Answers with what to enter at the provider and where, and with the calls that register this source there, ready to be pasted.',
  params,
  query: z.object({
    events: z
      .string()
      .optional()
      .meta({ description: 'The provider’s own event names, separated by commas.' }),
  }),
  answers: {
    200: {
      description: 'What goes where, and the calls with {placeholders} for what the relay does not know',
      schema: z.object({
        provider: z.string(),
        setup: z.string().meta({ description: 'Where in the provider’s product the URL and the secret go.' }),
        docs: z.string().meta({ description: 'The provider’s own page about its webhooks.' }),
        inboundUrl: z.string(),
        secret: z.object({
          from: z.enum(['provider', 'relay', 'public-key', 'none']),
          label: z.string().meta({ description: 'What the provider calls it.' }),
          value: z.string().nullable().meta({ description: 'That of this source; null: it has none.' }),
        }),
        calls: z.array(SetupCall).meta({ description: 'None: nothing is known of the provider’s API.' }),
      }),
    },
  },
  problems: ['invalid', 'not-found'],
} as const;

export function sourceRoutes(api: Api): void {
  api.route(createSource, async (c, input) => {
    const { provider, name, secret: sent, paths, options, site } = input.body;
    const { uid = null, managedBy = null } = input.body;
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
    const { name, uid, managedBy, paths, options, recipe } = input.body;
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
    const patch = { name, uid, managedBy, paths, options, recipe: recipe ?? undefined, site, expiresAtMs };
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

  api.route(getSecret, async (c, input) => {
    const source = await eventLogOf(c.env, c.get('tenant')).readSource(input.params.id, attributionOf(c));
    if (source === null) throw notFound('source');
    return c.json({ secret: secretOf(source) }, 200);
  });

  api.route(rotateSecret, async (c, input) => {
    const { secret, overlapSeconds } = input.body;
    const { id } = input.params;
    const log = eventLogOf(c.env, c.get('tenant'));
    const source = await log.getSource(id);
    if (source === null) throw notFound('source');
    const provider = chosenProvider(source);
    if (provider.about.secret.from === 'none' && provider.isSecretOptional !== true)
      throw new Refusal('conflict', 'This provider signs nothing.');
    const rotated = await log.rotateSourceSecret(
      id,
      nextSecret(provider, secret),
      overlapSeconds * 1000,
      attributionOf(c),
    );
    if (rotated === null) throw notFound('source');
    if (rotated === 'full') throw tooManyLive('secrets');
    return c.json({ secret: secretOf(rotated) }, 200);
  });

  api.route(rotateUrl, async (c, input) => {
    const overlapMs = input.body.overlapSeconds * 1000;
    const rotated = await eventLogOf(c.env, c.get('tenant')).rotateSourceUrl(
      input.params.id,
      overlapMs,
      attributionOf(c),
    );
    if (rotated === null) throw notFound('source');
    if (rotated === 'full') throw tooManyLive('URLs');
    setEtag(c, rotated.version);
    return c.json(sourceJson(c, rotated), 200);
  });

  api.route(getSetup, async (c, input) => {
    const source = await eventLogOf(c.env, c.get('tenant')).readSource(input.params.id, attributionOf(c));
    if (source === null) throw notFound('source');
    const { inboundUrl } = sourceJson(c, source);
    const events = (input.query.events ?? '')
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== '');
    const provider = chosenProvider(source);
    const secret = secretOf(source);
    const calls = provider.setup({ name: source.name, inboundUrl, secret, events });
    const { docs, secret: kind } = provider.about;
    const answer = {
      provider: source.provider,
      setup: setupText(source.provider),
      docs,
      inboundUrl,
      secret: { ...kind, value: secret },
      calls: calls.map((call) => ({ ...call, curl: curlOf(call) })),
    };
    return c.json(answer, 200);
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

function tooManyLive(what: string): Refusal {
  return new Refusal(
    'conflict',
    `Five ${what} are in force already; wait for one to end, or rotate with overlapSeconds 0.`,
  );
}

function incompleteSite(missing: keyof SitePatch): Refusal {
  const expected =
    missing === 'url' ? 'the URL of the site' : `a credential: there is none that ${MASK} could stand for`;
  return invalid({ path: `/site/${missing}`, expected, got: 'nothing' });
}

/** A call as a line for a POSIX shell. */
function curlOf({ method, url, headers, body }: ProviderCall): string {
  const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
  const lines = Object.entries(headers).map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`);
  return [`curl -X ${method} ${quoted(url)}`, ...lines, `-d ${quoted(JSON.stringify(body))}`].join(' \\\n  ');
}

/** The newest; null: this provider signs nothing. */
export function secretOf({ id, secrets }: Source): string | null {
  const [newest] = secrets;
  return newest === undefined ? null : legible(newest.text, `source ${id}`);
}

/** One that cannot be decrypted is not shown: rotating the URL makes another. */
function tokenOf({ tokens }: Source): string {
  const text = tokens[0]?.text ?? '';
  return isSealed(text) ? MASK : text;
}

/** A viewer sees no secret, and who knows an inbound URL can post to it. */
type SourceJson = z.infer<typeof SourceSchema>;

function sourceJson(c: Context<AppEnv>, source: SourceView): SourceJson {
  const caller = c.get('caller');
  return sourceMembers(source, baseOf(c), caller.kind === 'operator' || caller.role !== 'viewer');
}

/** `withToken` false: without the credential that its inbound URL is. */
export function sourceMembers(
  source: SourceView,
  base: string,
  withToken: boolean,
): z.infer<typeof SourceSchema> {
  const {
    accepted,
    duplicates,
    idReused,
    tests,
    rejected,
    lastRejection,
    lastAcceptedAtMs,
    lastRejectedAtMs,
  } = source.stats;
  return {
    id: source.id,
    provider: source.provider,
    name: source.name,
    inboundUrl: `${base}/in/${withToken ? tokenOf(source) : MASK}`,
    paths: source.paths,
    options: source.options,
    recipe: source.recipe,
    expiresAt: timeOrNull(source.expiresAtMs),
    site: source.site && {
      url: calledUrl(source.site.url),
      authorization: source.site.hasAuthorization === false ? null : MASK,
      appToken: source.site.hasAppToken ? MASK : null,
    },
    uid: source.uid,
    managedBy: source.managedBy,
    createdAt: timeOf(source.createdAtMs),
    stats: {
      accepted,
      duplicates,
      idReused,
      tests,
      rejected,
      lastAcceptedAt: timeOrNull(lastAcceptedAtMs),
      lastRejectedAt: timeOrNull(lastRejectedAtMs),
      lastRejection,
    },
  };
}
