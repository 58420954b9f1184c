/** Deliveries of a hook as the list over all hooks shows them: each with what its last attempt came to. */
import type { DeliveryStatus } from '../core/delivery.ts';
import { matches, type Pattern } from '../core/pattern.ts';
import { LINE_COLUMNS, rareOnly, toLine, type LineRow } from './deliveries.ts';
import { statesOf } from './delivery-states.ts';
import { holdReason, type OpenHook } from './open-hook.ts';
import { viewOf, type DeliveryOutline } from './waiting.ts';

export interface OverviewFilter {
  /** null: any. */
  readonly status: DeliveryStatus | null;
  readonly type: Pattern | null;
  readonly subject: string | null;
}

export interface OverviewRow extends DeliveryOutline {
  readonly lastStatusCode: number | null;
  readonly lastError: string | null;
}

export interface Overview {
  readonly rows: readonly OverviewRow[];
  /** Place before which it goes on; null: there are no more. */
  readonly next: number | null;
}

const ROWS_LOOKED_AT = 10_000;
/** Of types and subjects in one answer. */
const CHARACTERS = 1_000_000;

/** Rows of earlier versions have the names of the API in their log. */
const LAST = `json_extract(attempt_log, '$[#-1].status') AS status, json_extract(attempt_log, '$[#-1].statusCode') AS code,
  json_extract(attempt_log, '$[#-1].error') AS error`;

type Row = LineRow & { status: number | null; code: number | null; error: string | null };

/** Deliveries before `beforeSeq`, newest first. It ends early where it has looked at 10,000 rows. */
export function overviewOf(
  sql: SqlStorage,
  hook: OpenHook,
  { status, type, subject }: OverviewFilter,
  beforeSeq: number | null,
  limit: number,
  nowMs: number,
): Overview {
  const states = statesOf(status, holdReason(hook) !== null);
  if (states.length === 0) return { rows: [], next: null };
  const found = sql.exec<Row>(
    `SELECT ${LINE_COLUMNS}, ${LAST} FROM deliveries
     WHERE seq < ? AND ${shownAs(states.length)} AND ${rareOnly(states)} ORDER BY seq DESC`,
    beforeSeq ?? Number.MAX_SAFE_INTEGER,
    ...states,
  );
  const rows: OverviewRow[] = [];
  let lookedAt = 0;
  let characters = 0;
  let last: number | null = null;
  for (const row of found) {
    const isFull = rows.length === limit || lookedAt === ROWS_LOOKED_AT || characters > CHARACTERS;
    if (isFull) return { rows, next: last };
    lookedAt += 1;
    last = row.seq;
    if (subject !== null && row.subject !== subject) continue;
    if (type !== null && !matches(type, row.type)) continue;
    characters += row.type.length + (row.subject?.length ?? 0);
    const { error: lastError } = row;
    rows.push({ ...viewOf(hook, toLine(row), nowMs), lastStatusCode: row.status ?? row.code, lastError });
  }
  return { rows, next: null };
}

/** One that is sent again counts as delivered. */
function shownAs(states: number): string {
  const listed = Array(states).fill('?').join(', ');
  return `iif(state IN ('ready', 'waiting', 'retrying') AND reopened_from IS 'delivered', 'delivered', state) IN (${listed})`;
}
