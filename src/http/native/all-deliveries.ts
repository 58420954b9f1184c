/** `/v1/deliveries`: the deliveries of all hooks in one list, those of hooks with trouble first. */
import type { Context } from 'hono';
import * as z from 'zod';
import { DELIVERY_STATUSES } from '../../core/delivery.ts';
import type { HookPlace, RankedHook } from '../../event-log/trouble.ts';
import type { Overview, OverviewFilter, OverviewRow } from '../../hook/overview.ts';
import { eventLogOf, hookOf } from '../../registry/address.ts';
import { withDeadline } from '../../storage/deadline.ts';
import type { Api } from '../api.ts';
import { hooksOf } from '../auth.ts';
import type { AppEnv } from '../context.ts';
import { PageQuery, badCursor, listOf, pageOf } from '../paging.ts';
import { DeliverySchema, deliveryJson } from './deliveries.ts';
import { HookNumber, PatternText, patternOf } from './field.ts';

/** With what authentication and the log take, below the 40 that a page may cost. */
const HOOKS_ASKED = 35;
const ASKED_AT_ONCE = 8;
const ANSWER_WITHIN_MS = 5_000;

const RowSchema = z
  .object({
    hookId: z.int(),
    hookName: z.string(),
    ...DeliverySchema.shape,
    lastStatusCode: z.int().nullable().meta({ description: 'What the last attempt was answered.' }),
    lastError: z
      .string()
      .nullable()
      .meta({ description: 'What the last attempt came to; null: it arrived.' }),
  })
  .meta({ id: 'DeliveryOfHook' });

const PageSchema = pageOf(RowSchema).extend({
  unavailable: z
    .array(z.int())
    .meta({ description: 'Ids of hooks that did not answer: theirs are left out of this page.' }),
});

export const listAllDeliveries = {
  method: 'get',
  path: '/v1/deliveries',
  summary: 'List deliveries of all hooks, those of hooks with trouble first',
  operationId: 'listAllDeliveries',
  tag: 'Deliveries',
  description:
    'Lists hook by hook, the newest delivery of each first; hooks that fail, are disabled or have dead deliveries come before the others. A page asks up to 35 hooks; one that does not answer is left out and named.',
  roles: ['subscriber', 'viewer'],
  query: PageQuery.extend({
    status: z.enum(DELIVERY_STATUSES).optional(),
    hook: HookNumber.optional().meta({ type: 'string', description: 'The number of a hook: its alone.' }),
    type: PatternText.optional().meta({ description: 'A pattern over the type.' }),
    subject: z.string().optional(),
  }),
  answers: {
    200: { description: 'A page: hook by hook, the newest of each first', schema: PageSchema },
  },
  problems: ['invalid'],
} as const;

type Row = OverviewRow & { readonly hook: RankedHook };

/** Where a page begins: at a hook, with its deliveries before a place; `beforeSeq` null: with all of them. */
interface Place extends HookPlace {
  readonly beforeSeq: number | null;
}

export function allDeliveryRoutes(api: Api): void {
  api.route(listAllDeliveries, async (c, { query }) => {
    const { limit, cursor, status, hook, type, subject } = query;
    const list = listOf(c, { status, hook, type, subject });
    const filter = {
      status: status ?? null,
      type: type === undefined ? null : patternOf(type),
      subject: subject ?? null,
    };
    const { rows, next, unavailable } = await pageFrom(
      c,
      placeOf(list.textOf(cursor)),
      hook ?? null,
      filter,
      limit,
    );
    const page = list.pageUpTo<Row, z.infer<typeof RowSchema>>(
      rows,
      next && textOf(next),
      ({ hook: { rank, id }, seq }) => textOf({ rank, id, beforeSeq: seq }),
      rowJson,
    );
    return c.json({ ...page, unavailable }, 200);
  });
}

async function pageFrom(
  c: Context<AppEnv>,
  from: Place,
  hookId: number | null,
  filter: OverviewFilter,
  limit: number,
): Promise<{ rows: Row[]; next: Place | null; unavailable: number[] }> {
  const log = eventLogOf(c.env, c.get('tenant'));
  const scope = hooksOf(c.get('caller'));
  const { hooks, hasMore } = await log.hooksToAsk(scope, hookId, filter.status, from, HOOKS_ASKED);
  const rows: Row[] = [];
  const unavailable: number[] = [];
  for (let at = 0; at < hooks.length; at += ASKED_AT_ONCE) {
    const some = hooks.slice(at, at + ASKED_AT_ONCE);
    const pages = await Promise.all(
      some.map((hook) => overviewOf(c, hook, filter, beforeSeqOf(from, hook), limit - rows.length)),
    );
    for (const [index, hook] of some.entries()) {
      const page = pages[index] ?? null;
      if (page === null) {
        unavailable.push(hook.id);
        continue;
      }
      for (const row of page.rows) {
        const last = rows.at(-1);
        if (rows.length === limit && last !== undefined) return { rows, next: placeAt(last), unavailable };
        rows.push({ ...row, hook });
      }
      if (page.next !== null) return { rows, next: { ...hook, beforeSeq: page.next }, unavailable };
    }
    const last = some.at(-1);
    if (rows.length === limit && last !== undefined)
      return { rows, next: isLast(hooks, last) && !hasMore ? null : placeAfter(last), unavailable };
  }
  const last = hooks.at(-1);
  return { rows, next: hasMore && last !== undefined ? placeAfter(last) : null, unavailable };
}

/** null: it did not answer, which keeps no other from being shown. */
async function overviewOf(
  c: Context<AppEnv>,
  { id }: RankedHook,
  filter: OverviewFilter,
  beforeSeq: number | null,
  limit: number,
): Promise<Overview | null> {
  try {
    const stub = hookOf(c.env, c.get('tenant'), id);
    return await withDeadline(stub.overview(filter, beforeSeq, limit), ANSWER_WITHIN_MS);
  } catch (error) {
    console.warn('hook does not list its deliveries', { hookId: id, error: String(error) });
    return null;
  }
}

function beforeSeqOf(from: Place, hook: RankedHook): number | null {
  return hook.rank === from.rank && hook.id === from.id ? from.beforeSeq : null;
}

function placeAt({ hook: { rank, id }, seq }: Row): Place {
  return { rank, id, beforeSeq: seq };
}

function placeAfter({ rank, id }: RankedHook): Place {
  return { rank, id: id + 1, beforeSeq: null };
}

function isLast(hooks: readonly RankedHook[], hook: RankedHook): boolean {
  return hooks.at(-1) === hook;
}

function textOf({ rank, id, beforeSeq }: Place): string {
  return `${rank}.${id}.${beforeSeq ?? ''}`;
}

function placeOf(text: string | null): Place {
  if (text === null) return { rank: 0, id: 0, beforeSeq: null };
  const [, rank, id, beforeSeq] = /^([01])\.(\d{1,10})\.(\d{0,15})$/.exec(text) ?? [];
  if (rank === undefined) throw badCursor();
  return {
    rank: rank === '0' ? 0 : 1,
    id: Number(id),
    beforeSeq: beforeSeq === '' ? null : Number(beforeSeq),
  };
}

function rowJson({ hook, ...row }: Row): z.infer<typeof RowSchema> {
  const { lastStatusCode, lastError } = row;
  return { hookId: hook.id, hookName: hook.name, ...deliveryJson(row), lastStatusCode, lastError };
}
