/** `/v1/audit`: who changed what of a tenant, and who read its secrets. */
import * as z from 'zod';
import type { Checked, HashedEntry } from '../../event-log/audit.ts';
import { eventLogOf } from '../../registry/address.ts';
import type { Api } from '../api.ts';
import { ListQuery, listOf, pageOf } from '../paging.ts';
import { Time } from './field.ts';

const Members = z.record(z.string(), z.unknown()).nullable();

const EntrySchema = z
  .object({
    seq: z.int().meta({ description: 'Without gaps. This is the order, whatever the clock has done.' }),
    at: Time,
    actor: z
      .string()
      .meta({ description: 'The id of a key; `admin`: the admin key; `relay`: nobody called.' }),
    from: z.string().nullable().meta({
      description:
        'The address that the call came from; null: not on Cloudflare, where nobody vouches for it.',
    }),
    call: z.string().meta({ description: 'Method and path.' }),
    target: z.string().meta({ examples: ['hook/7', 'source/src_…', 'key/key_…', 'export', 'switches'] }),
    before: Members.meta({
      description:
        'Of a change the members that it changed, of a deletion all, with `***` for secrets; null: it was made here, or a secret was read.',
    }),
    after: Members,
    hash: z.string().meta({ description: 'SHA-256 over the entry and the hash of the one before, in hex.' }),
  })
  .meta({ id: 'AuditEntry' });

const Verification = z
  .object({
    ok: z.boolean(),
    entries: z.int().meta({ description: 'How many entries were checked.' }),
    brokenAt: z
      .int()
      .nullable()
      .meta({ description: 'seq of the first entry that is missing or does not fit; null: all fit.' }),
    previousHash: z.string().meta({ description: 'Of the entry before the oldest one that is kept.' }),
  })
  .meta({ id: 'AuditVerification' });

export const listAudit = {
  method: 'get',
  path: '/v1/audit',
  summary: 'List who changed registrations, switches and events, and who read secrets',
  operationId: 'listAudit',
  tag: 'Operations',
  description:
    'One entry for each change of a source, hook or key, in whichever API, for each deletion of payloads, and for each reading of a secret, newest first. Secrets are `***`. Changes of the switches and of tenants are in the audit of the tenant `default`.',
  roles: ['viewer'],
  query: ListQuery.extend({
    actor: z.string().optional().meta({ description: 'The id of a key, `admin` or `relay`.' }),
    target: z.string().optional().meta({ description: 'For example `hook/7`.' }),
  }),
  answers: { 200: { description: 'A page of entries', schema: pageOf(EntrySchema) } },
  problems: ['invalid'],
} as const;

export const verifyAudit = {
  method: 'get',
  path: '/v1/audit/verify',
  summary: 'Check that no entry of the audit was changed, added or taken out',
  operationId: 'verifyAudit',
  tag: 'Operations',
  description:
    'Computes the hash of every entry anew, over the entry and the hash of the one before, and names the first that does not fit.',
  roles: ['viewer'],
  answers: { 200: { description: 'Whether the chain holds', schema: Verification } },
  problems: [],
} as const;

export function auditRoutes(api: Api): void {
  api.route(verifyAudit, async (c) => {
    const log = eventLogOf(c.env, c.get('tenant'));
    let entries = 0;
    for (let next: Checked | null = null; ;) {
      const part: Awaited<ReturnType<typeof log.verifyAudit>> = await log.verifyAudit(next);
      const { brokenAt, previousHash } = part;
      entries += part.entries;
      if (part.next === null) return c.json({ ok: brokenAt === null, entries, brokenAt, previousHash }, 200);
      next = part.next;
    }
  });

  api.route(listAudit, async (c, input) => {
    const { limit, order, cursor, actor = null, target = null } = input.query;
    const list = listOf(c, { order, actor, target });
    const query = { order, after: list.placeOf(cursor), limit, actor, target };
    const { entries, next } = await eventLogOf(c.env, c.get('tenant')).auditPage(query);
    return c.json(
      list.pageUpTo<HashedEntry, EntryJson>(entries, next, ({ seq }) => seq, entryJson),
      200,
    );
  });
}

type EntryJson = z.infer<typeof EntrySchema>;

function entryJson({ before, after, ...entry }: HashedEntry): EntryJson {
  return { ...entry, before: before && { ...before }, after: after && { ...after } };
}
