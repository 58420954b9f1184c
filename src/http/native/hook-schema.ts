/** Hooks as they are made, changed and shown. */
import * as z from 'zod';
import { MAX_PATTERNS, MAX_URL_CHARACTERS } from '../../core/hook-bounds.ts';
import { FORMATS, ORDERINGS, SIGNINGS, SUPEROFFICE_TYPES } from '../../core/hook-config.ts';
import { parseSecret } from '../../core/signature.ts';
import { REASONS } from '../../core/delivery.ts';
import { WAIT_REASONS } from '../../core/health.ts';
import { headerProblems, PROTO } from '../header-rules.ts';
import { rule } from '../validation.ts';
import { PatternText, Time, ignored } from './field.ts';
import { readOnlyOfRow, rowMembers } from './hook-list.ts';
import { sentShape, shownShape } from './hook-shape.ts';

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

export const SecretText = z
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

export const retry = {
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
  backlogAfterSeconds: z.int().min(10).max(31_536_000).meta({
    description:
      'When a delivery has waited for so long posthorn.hook.backlog says so, once until they wait no more.',
  }),
};

export const HookSchema = z
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

export const HookRow = HookSchema.extend(rowMembers).meta({ id: 'HookRow' });

export const SecretAnswer = z.object({ secret: z.string() });

export const CreatedHook = HookSchema.extend(SecretAnswer.shape).meta({ id: 'CreatedHook' });

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
  backlogAfterSeconds: members.backlogAfterSeconds.nullish(),
  ...sentShape,
};

export const NewHook = z
  .strictObject({ url: members.url, ...optionalMembers, ...readOnly })
  .meta({ id: 'NewHook' });

export const HookPatchSchema = z
  .strictObject({ url: members.url.optional(), ...optionalMembers, ...readOnly, dropped: ignored })
  .meta({ id: 'HookPatch', description: 'A merge patch: null puts a member back to its default.' });
