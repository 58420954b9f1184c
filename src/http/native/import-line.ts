/**
 * What the lines of an export with secrets look like. Each is of one kind, and `restore` holds what a relay needs to go
 * on from it.
 */
import * as z from 'zod';
import { SIGNATURE_DIGESTS, SIGNATURE_ENCODINGS, SIGNATURE_KEYS } from '../../core/extra-signature.ts';
import { FORMATS, MAX_HOOK_ID, ORDERINGS, SIGNINGS } from '../../core/hook-config.ts';
import { ROLES } from '../../core/role.ts';
import { PROVIDER_NAMES } from '../../providers/providers.ts';
import { RecipeSchema } from './recipe-schema.ts';

const ms = z.int().min(0);
const Ending = z.object({ text: z.string(), untilMs: ms.nullable() });
const Hash = z.string().regex(/^[0-9a-f]{64}$/);
const Base64 = z.base64();

const Head = z.object({
  kind: z.literal('export'),
  format: z.int(),
  restore: z.object({ tenant: z.string(), incarnation: z.string(), lastSeq: z.int().min(0) }),
});
const Key = z.object({
  kind: z.literal('key'),
  restore: z.object({
    id: z.string().min(1),
    hash: Hash,
    name: z.string().max(400),
    role: z.enum(ROLES),
    createdAtMs: ms,
    expiresAtMs: ms.nullable(),
  }),
});
const Source = z.object({
  kind: z.literal('source'),
  restore: z.object({
    id: z.string().min(1),
    provider: z.enum(PROVIDER_NAMES),
    name: z.string().max(400),
    uid: z.string().nullable(),
    tokens: z.array(Ending.extend({ hash: Hash })).min(1),
    secrets: z.array(Ending),
    paths: z.record(z.string(), z.string()),
    options: z.record(z.string(), z.string()),
    recipe: RecipeSchema.nullable(),
    site: z
      .object({
        url: z.string(),
        authorization: z.string().nullable(),
        appToken: z.string().nullable(),
        relayHost: z.string(),
      })
      .nullable(),
    stats: z.looseObject({
      accepted: z.int(),
      duplicates: z.int(),
      idReused: z.int(),
      tests: z.int(),
      rejected: z.object({ signature: z.int(), malformed: z.int(), tooLarge: z.int() }),
    }),
    createdAtMs: ms,
    expiresAtMs: ms.nullable().optional(),
    silentAfterSeconds: z.int().min(10).nullable().optional(),
    managedBy: z.string().max(400).nullable().optional(),
  }),
});
/** What a version has added to a configuration since passes through. */
const Config = z.looseObject({
  name: z.string().max(400),
  url: z.string().min(1),
  events: z.array(z.string()).min(1),
  sources: z.array(z.string()).nullable(),
  format: z.enum(FORMATS),
  headers: z.record(z.string(), z.string()),
  paused: z.boolean(),
  ordering: z.enum(ORDERINGS),
  concurrency: z.int().min(1).max(6),
  retry: z.looseObject({
    scheduleSeconds: z.array(z.int().min(1).max(604_800)).max(20),
    jitter: z.number().min(0).max(0.5),
    timeoutSeconds: z.number().min(1).max(30),
    giveUpOn: z.array(z.int()),
    disableAfterSeconds: z.number().min(0),
  }),
  signing: z.enum(SIGNINGS),
  rateLimit: z.object({ perSecond: z.int().min(1).max(1000) }).nullable(),
  backlogAfterSeconds: z.int().min(10).optional(),
  filters: z.string().optional(),
  template: z.object({ contentType: z.string(), body: z.string() }).nullish(),
  auth: z.record(z.string(), z.string()).nullish(),
  signatures: z
    .array(
      z.object({
        header: z.string(),
        secret: z.string(),
        scheme: z.literal('hmac'),
        digest: z.enum(SIGNATURE_DIGESTS),
        key: z.enum(SIGNATURE_KEYS),
        encoding: z.enum(SIGNATURE_ENCODINGS),
        prefix: z.string().optional(),
        message: z.array(z.string()),
      }),
    )
    .optional(),
  uid: z.string().nullish(),
  dialect: z.discriminatedUnion('kind', [
    z.looseObject({ kind: z.literal('native') }),
    z.looseObject({ kind: z.literal('deskera'), eventType: z.string() }),
    z.looseObject({
      kind: z.literal('superoffice'),
      type: z.enum(['webhook', 'crmscript']),
      events: z.array(z.string()),
      secret: z.string().nullable(),
    }),
  ]),
});
const Hook = z.object({
  kind: z.literal('hook'),
  restore: z.object({
    id: z.int().min(1).max(MAX_HOOK_ID),
    config: Config,
    secret: z.string().min(1),
    formerSecrets: z.array(Ending),
    secretKeys: z.array(Ending),
    relayHost: z.string(),
    keyId: z.string().nullable(),
    createdAtMs: ms,
    updatedAtMs: ms,
  }),
});
const Event = z.object({
  kind: z.literal('event'),
  restore: z.object({
    seq: z.int().min(1),
    id: z.string(),
    sourceId: z.string().nullable(),
    type: z.string().min(1),
    subject: z.string().nullable(),
    source: z.string(),
    event: z.string().nullable(),
    recordedAtMs: ms,
    kind: z.enum(['json', 'base64', 'data', 'data-text', 'data-base64', 'whole', 'own', 'expunged']),
    contentType: z.string().nullable(),
    head: z.string(),
    raw: Base64,
    dedupe: Base64.nullable(),
  }),
});
const End = z.object({
  kind: z.literal('end'),
  keys: z.int(),
  sources: z.int(),
  hooks: z.int(),
  events: z.int(),
});
export const ImportLineSchema = z.discriminatedUnion('kind', [Head, Key, Source, Hook, Event, End]);
/** In this order they come. */
export const KINDS = ['export', 'key', 'source', 'hook', 'event', 'end'] as const;
