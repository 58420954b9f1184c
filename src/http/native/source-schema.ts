/** Sources as they are made, changed and shown. */
import * as z from 'zod';
import { MAX_URL_CHARACTERS } from '../../core/hook-bounds.ts';
import { isJsonPointer } from '../../core/json-text.ts';
import { PROVIDER_NAMES } from '../../providers/providers.ts';
import { isHeaderValue } from '../header-rules.ts';
import { rule } from '../validation.ts';
import { Time, ignored } from './field.ts';
import { ManagedBy, Uid } from './hook-shape.ts';
import { RecipeSchema } from './recipe-schema.ts';

/** A public key is the longest. */
export const MAX_SECRET_CHARACTERS = 2000;

const Pointer = z
  .string()
  .max(400)
  .superRefine((text, context) => {
    if (!isJsonPointer(text))
      context.addIssue(rule('a JSON Pointer like /record/id', JSON.stringify(text.slice(0, 80))));
  });

const paths = {
  eventType: Pointer.optional(),
  entityId: Pointer.optional(),
  account: Pointer.optional(),
  time: Pointer.optional(),
  eventId: Pointer.optional(),
};
const PathsSchema = z
  .strictObject(paths)
  .meta({ id: 'Paths', description: 'JSON Pointers into the body: where this source states these facts.' });

const PathsPatch = z.strictObject({
  eventType: Pointer.nullish(),
  entityId: Pointer.nullish(),
  account: Pointer.nullish(),
  time: Pointer.nullish(),
  eventId: Pointer.nullish(),
});

const SiteUrl = z.string().min(1).max(MAX_URL_CHARACTERS).meta({
  description: 'Base URL of this SuperOffice, with the tenant where it has one; a target like a hook’s.',
});
const Credential = z
  .string()
  .min(1)
  .superRefine((text, context) => {
    if (!isHeaderValue(text)) {
      context.addIssue(
        rule(
          'text that a header can carry, without line breaks, up to 4096 characters',
          `a string of ${text.length} characters`,
        ),
      );
    }
  })
  .meta({ description: 'Write-only: shown as ***, and *** sent back keeps it.' });
const site = {
  url: SiteUrl,
  authorization: Credential.meta({
    description:
      'The whole value of the header, such as `Basic …` or `Bearer …`. Write-only: shown as ***, and *** sent back keeps it.',
  }),
  appToken: Credential.nullable().meta({
    description: 'Sent as SO-AppToken. Write-only: shown as ***, and *** sent back keeps it.',
  }),
};
const SiteSchema = z
  .object({ ...site, authorization: site.authorization.nullable() })
  .nullable()
  .meta({
    id: 'Site',
    description: 'How to call this SuperOffice, for hooks that run a CrmScript there.',
  });
const NewSite = z.strictObject({ ...site, appToken: site.appToken.optional() }).meta({ id: 'NewSite' });
const SitePatchSchema = z
  .strictObject({
    url: SiteUrl.optional(),
    authorization: site.authorization.optional(),
    appToken: site.appToken.optional(),
  })
  .meta({ id: 'SitePatch' });

const ProviderId = z.enum(PROVIDER_NAMES).meta({ id: 'ProviderId' });
const OptionName = z.string().regex(/^[A-Za-z]{1,40}$/);
const OptionValue = z.string().max(400);
const OptionsSchema = z.record(OptionName, OptionValue).meta({
  id: 'SourceOptions',
  description: 'What this provider needs beside the secret: GET /v1/providers names it.',
});
const OptionsPatch = z.record(OptionName, OptionValue.nullable());

const Expiry = z.iso.datetime({ offset: true }).meta({ description: 'RFC 3339.' });

export const SourceParams = z.object({ id: z.string().meta({ description: 'The id of the source.' }) });

/** A year. */
const MAX_SILENT_AFTER_SECONDS = 31_536_000;
const SilentAfter = z.int().min(10).max(MAX_SILENT_AFTER_SECONDS).meta({
  description:
    'After so long without an event posthorn.source.silent says so, once until the next event. null: never.',
});

export const SourceSchema = z
  .object({
    id: z.string(),
    provider: ProviderId,
    name: z.string(),
    uid: z.string().nullable().meta({ description: 'Your own name of it, unique in the tenant.' }),
    managedBy: ManagedBy.nullable(),
    inboundUrl: z.string().meta({
      description:
        'Where the provider posts. One whose body does not name its event gets /{eventType} appended. Its token is a credential: keys of role viewer see /in/*** instead.',
    }),
    paths: PathsSchema,
    options: OptionsSchema,
    recipe: RecipeSchema.nullable().meta({ description: 'Of provider custom; null: the provider’s own.' }),
    site: SiteSchema,
    expiresAt: Time.nullable().meta({
      description:
        'When the subscription at the provider ends; a day before, posthorn.source.expiring says so. null: unknown, or never.',
    }),
    confirmation: z.object({ requestedAt: Time }).nullable().meta({
      description:
        'Its provider has asked for a confirmation before it sends events: POST /v1/sources/{id}/confirm gives it.',
    }),
    silentAfterSeconds: SilentAfter.nullable(),
    createdAt: Time,
    stats: z.object({
      accepted: z.int(),
      duplicates: z.int(),
      idReused: z.int().meta({ description: 'Accepted under an id that another event had before.' }),
      tests: z.int(),
      rejected: z.object({ signature: z.int(), malformed: z.int(), tooLarge: z.int() }),
      lastAcceptedAt: Time.nullable(),
      lastRejectedAt: Time.nullable(),
      lastRejection: z.enum(['signature', 'malformed', 'tooLarge']).nullable(),
    }),
  })
  .meta({ id: 'Source' });

export const SecretAnswer = z.object({
  secret: z.string().nullable().meta({ description: 'null: this provider signs nothing.' }),
});

export const CreatedSource = SourceSchema.extend(SecretAnswer.shape).meta({ id: 'CreatedSource' });

export const NewSource = z
  .strictObject({
    provider: ProviderId,
    name: z.string().max(400),
    uid: Uid.nullish(),
    managedBy: ManagedBy.nullish(),
    secret: z.string().max(MAX_SECRET_CHARACTERS).optional().meta({
      description:
        'Made when absent, where the relay makes it. GET /v1/providers says where each provider’s secret is from.',
    }),
    paths: PathsSchema.default({}),
    options: OptionsSchema.default({}),
    recipe: RecipeSchema.nullish().meta({
      description: 'Required for provider custom, which only it describes.',
    }),
    site: NewSite.nullish(),
    expiresAt: Expiry.nullish(),
    confirmation: ignored,
    silentAfterSeconds: SilentAfter.nullish(),
    id: ignored,
    inboundUrl: ignored,
    createdAt: ignored,
    stats: ignored,
  })
  .meta({ id: 'NewSource' });

export const SourcePatch = z
  .strictObject({
    name: z.string().max(400).optional(),
    uid: Uid.nullish(),
    managedBy: ManagedBy.nullish(),
    paths: PathsPatch.nullable().optional(),
    options: OptionsPatch.optional(),
    recipe: RecipeSchema.nullish(),
    site: SitePatchSchema.nullish(),
    expiresAt: Expiry.nullish(),
    confirmation: ignored,
    silentAfterSeconds: SilentAfter.nullish(),
    id: ignored,
    provider: ignored,
    inboundUrl: ignored,
    createdAt: ignored,
    stats: ignored,
    dropped: ignored,
  })
  .meta({ id: 'SourcePatch' });
