/** `/v1/import`: puts an export with secrets back into a tenant that has had nothing yet. */
import * as z from 'zod';
import type { ExportHead, ImportResult } from '../../event-log/restored.ts';
import { eventLogOf } from '../../registry/address.ts';
import { forgetTenants, resolveTenant } from '../../routing/tenant-memory.ts';
import type { Api } from '../api.ts';
import { attributionOf } from '../attribution.ts';
import { Refusal } from '../problem.ts';
import { LineSchema } from './export.ts';
import { importLines, unfit } from './import-lines.ts';

const MEDIA_TYPE = 'application/x-ndjson';

const Counts = z
  .object({ sources: z.int(), hooks: z.int(), keys: z.int(), events: z.int() })
  .meta({ id: 'ImportCounts', description: 'How many of each there are now that were not there before.' });

export const importAll = {
  method: 'post',
  path: '/v1/import',
  summary: 'Put an export with secrets back, into a tenant that has had nothing yet',
  operationId: 'import',
  tag: 'Operations',
  description:
    'Takes what `GET /v1/export?secrets=true` answered: the same ids, inbound URLs, secrets, key pairs, keys and uids. Events come as history, which is read and told from repetitions, and is not delivered. All of it is there when the call is answered 200, else nothing of it.',
  rawBody: { schema: LineSchema, mediaTypes: [MEDIA_TYPE] },
  answers: { 200: { description: 'All of it is there', schema: Counts } },
  problems: ['invalid', 'conflict', 'unsupported-media-type'],
} as const;

export function importRoutes(api: Api): void {
  api.route(importAll, async (c) => {
    const type = c.req.header('content-type') ?? '';
    if (!/^application\/(x-)?(ndjson|json-?lines|jsonl)\s*(;|$)/i.test(type))
      throw new Refusal(
        'unsupported-media-type',
        `Expected ${MEDIA_TYPE}, got ${type || 'no content type'}.`,
      );
    const log = eventLogOf(c.env, c.get('tenant'));
    const present = await log.presentForImport();
    if (present !== null) throw notEmpty(present);
    const { readable, writable } = new IdentityTransformStream();
    const imported = log.importLines(readable, attributionOf(c));
    // It is awaited below, also where writing fails first.
    imported.catch(() => undefined);
    const writer = writable.getWriter();
    const checkHead = async ({ tenant, incarnation }: ExportHead) => {
      forgetTenants();
      const living = await resolveTenant(c.env, tenant);
      if (living?.incarnation === incarnation) {
        throw new Refusal(
          'conflict',
          `The export is of the tenant ${tenant}, which is still here: its inbound URLs and keys would be there twice. Erase it first, or import into another relay.`,
        );
      }
    };
    let refusal: Error | null = null;
    try {
      const body = (c.req.raw.body ?? new Blob([]).stream()) as ReadableStream<Uint8Array>;
      const encoder = new TextEncoder();
      for await (const line of importLines(body, c.get('settings'), new URL(c.req.url).host, checkHead))
        await writer.write(encoder.encode(`${JSON.stringify(line)}\n`));
      await writer.close();
    } catch (error) {
      refusal = error instanceof Error ? error : new Error(String(error));
      await writer.abort(error).catch(() => undefined);
    }
    const result = await imported.catch((error: unknown) => {
      throw refusal ?? (error as Error);
    });
    if (result.kind === 'not-empty') throw notEmpty(result.what);
    if (result.kind === 'unfit') throw unfit(result.line, result.path, result.expected, result.got);
    if (refusal !== null) throw refusal;
    return c.json(countsOf(result), 200);
  });
}

function countsOf({ sources, hooks, keys, events }: Extract<ImportResult, { kind: 'imported' }>) {
  return { sources, hooks, keys, events };
}

function notEmpty(what: string): Refusal {
  return new Refusal('conflict', `This tenant has, or has had, ${what}: import into a fresh one.`);
}
