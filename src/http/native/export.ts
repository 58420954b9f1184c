/** `/v1/export`: everything a tenant has registered and received, as lines of JSON, for backups. */
import * as z from 'zod';
import type { HookRegistration } from '../../core/hook-registration.ts';
import type { RegistrationLine } from '../../event-log/registration-lines.ts';
import {
  EXPORT_FORMAT,
  RESTORED_HOOK,
  RESTORED_KEY,
  RESTORED_SOURCE,
  type RestoredHook,
  type RestoredKey,
  type RestoredSource,
} from '../../event-log/restored.ts';
import type { SourceView } from '../../event-log/source.ts';
import { eventLogOf } from '../../registry/address.ts';
import type { Api } from '../api.ts';
import { attributionOf } from '../attribution.ts';
import { jsonLines } from '../json-lines.ts';
import { isAllowed } from '../auth.ts';
import { baseOf } from '../context.ts';
import { Refusal } from '../problem.ts';
import { VERSION } from '../../version.ts';
import { Time, timeOf } from './field.ts';
import { EnvelopeSchema } from './events.ts';
import { registrationJson } from './hook-json.ts';
import { HookRegistrationSchema } from './hook-schema.ts';
import { SourceSchema } from './source-schema.ts';
import { sourceMembers } from './source-json.ts';

const ifAsked = { description: 'Only with secrets=true.' };
const restore = z
  .record(z.string(), z.unknown())
  .optional()
  .meta({ description: 'Only with secrets=true: what `POST /v1/import` puts back.' });
const Count = z.int();
export const LineSchema = z
  .discriminatedUnion('kind', [
    z
      .object({
        kind: z.literal('export'),
        format: z.int().meta({ description: 'Of the lines of the export.' }),
        version: z.string().meta({ description: 'Of the relay.' }),
        at: Time,
        restore,
      })
      .meta({ description: 'The first line, with secrets=true.' }),
    z
      .object({
        kind: z.literal('key'),
        key: z.object({ id: z.string(), name: z.string(), role: z.string() }),
        restore,
      })
      .meta({ description: 'With secrets=true: a key, by the hash of its text.' }),
    z.object({
      kind: z.literal('source'),
      source: SourceSchema.extend({ secret: z.string().nullable().optional().meta(ifAsked) }),
      restore,
    }),
    z.object({
      kind: z.literal('hook'),
      hook: HookRegistrationSchema.extend({
        secret: z.string().optional().meta(ifAsked),
        superofficeSecret: z.string().nullable().optional().meta(ifAsked),
      }),
      restore,
    }),
    z.object({ kind: z.literal('event'), event: EnvelopeSchema, restore }),
    z
      .object({ kind: z.literal('end'), keys: Count, sources: Count, hooks: Count, events: Count })
      .meta({ description: 'The last line, with secrets=true: how many there were of each.' }),
  ])
  .meta({
    id: 'ExportLine',
    description:
      'Keys come first, then sources, then hooks, each in the order of their making, then events in the order of the log.',
  });

export const exportAll = {
  method: 'get',
  path: '/v1/export',
  summary: 'Export sources, hooks and events, a line of JSON each',
  operationId: 'exportTenant',
  tag: 'Operations',
  description:
    'Streams the registrations and the log as lines of JSON, oldest first. Secrets are in it only if they are asked for; with them it can be put back by `POST /v1/import`.',
  roles: ['viewer'],
  query: z.object({
    secrets: z.enum(['true', 'false']).default('false').meta({
      description: 'true: with inbound URLs, secrets, logins and header values. For admin keys only.',
    }),
  }),
  answers: {
    200: {
      description: 'Up to the event that was the newest when the call came',
      schema: LineSchema,
      mediaType: 'application/x-ndjson',
    },
  },
  problems: ['invalid'],
} as const;

export function exportRoutes(api: Api): void {
  api.route(exportAll, async (c, input) => {
    const withSecrets = input.query.secrets === 'true';
    if (withSecrets && !isAllowed(c.get('caller'), [])) {
      throw new Refusal('forbidden', 'Secrets are exported with a key of role admin only.');
    }
    const base = baseOf(c);
    const log = eventLogOf(c.env, c.get('tenant'));
    if (withSecrets) await log.audited(attributionOf(c), 'export', null, null);
    // Taken first: an event after this one may be missing from the file, one before it is not.
    const events = await log.exportEvents(withSecrets);
    const head = await log.exportHead();
    const registrations = await log.exportRegistrations();
    const lines = async function* (): AsyncGenerator<Uint8Array> {
      const counts = { keys: 0, sources: 0, hooks: 0, events: 0 };
      if (withSecrets) {
        const at = timeOf(Date.now());
        yield line({ kind: 'export', format: EXPORT_FORMAT, version: VERSION, at, restore: { ...head } });
      }
      for await (const one of jsonLines<RegistrationLine>(registrations)) {
        counts[`${one.kind}s`] += 1;
        if (withSecrets || one.kind !== 'key') yield line(lineOf(one, base, withSecrets));
      }
      for await (const part of events) {
        for (const byte of part) if (byte === LINE_BREAK) counts.events += 1;
        yield part;
      }
      if (withSecrets) yield line({ kind: 'end', ...counts });
    };
    return new Response(streamOf(lines()), { headers: { 'content-type': 'application/x-ndjson' } });
  });
}

/** Reads on only when the caller does, and ends when the caller has gone. */
function streamOf(parts: AsyncGenerator<Uint8Array>): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const next = await parts.next();
      if (next.done === true) controller.close();
      else controller.enqueue(next.value);
    },
    async cancel() {
      await parts.return(undefined);
    },
  });
}

type Line = z.infer<typeof LineSchema>;

function line(value: Line): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(value)}\n`);
}

function lineOf(one: RegistrationLine, base: string, withSecrets: boolean): Line {
  const restore = withSecrets ? { restore: { ...restoreOf(one) } } : {};
  switch (one.kind) {
    case 'key': {
      const { id, name, role } = one.key;
      return { kind: 'key', key: { id, name, role }, ...restore };
    }
    case 'source':
      return { kind: 'source', source: sourceLine(one.source, base, withSecrets), ...restore };
    case 'hook':
      return { kind: 'hook', hook: hookLine(one.hook, withSecrets), ...restore };
  }
}

function restoreOf(one: RegistrationLine): RestoredKey | RestoredSource | RestoredHook {
  switch (one.kind) {
    case 'key':
      return picked(one.key, RESTORED_KEY);
    case 'source':
      return { ...picked(one.source, RESTORED_SOURCE), site: one.site };
    case 'hook':
      return picked(one.hook, RESTORED_HOOK);
  }
}

function picked<T extends object, M extends keyof T>(of: T, members: readonly M[]): Pick<T, M> {
  return Object.fromEntries(members.map((member) => [member, of[member]])) as Pick<T, M>;
}

const LINE_BREAK = 0x0a;

function sourceLine(source: SourceView, base: string, withSecrets: boolean) {
  const members = sourceMembers(source, base, withSecrets);
  return withSecrets ? { ...members, secret: source.secrets[0]?.text ?? null } : members;
}

function hookLine(hook: HookRegistration, withSecrets: boolean) {
  const members = registrationJson(hook);
  if (!withSecrets) return members;
  const { dialect, headers, auth = null, signatures = [] } = hook.config;
  return {
    ...members,
    headers: { ...headers },
    auth: auth && { ...auth },
    signatures: signatures.map((signature) => ({ ...signature, message: [...signature.message] })),
    secret: hook.secret,
    superofficeSecret: dialect.kind === 'superoffice' ? dialect.secret : null,
  };
}
