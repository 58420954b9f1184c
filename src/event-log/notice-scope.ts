/** Whose notices a hook may get: a subscriber's key is told of the hooks that were made with it, and of nothing else. */
import { isReserved, segmentsOf } from '../core/pattern.ts';
import type { MatchedEvent } from '../core/stored-event.ts';

/** Is the event a notice that is none of this hook's business? Asked only of what its patterns want. */
export function isOthersNotice(sql: SqlStorage, hookId: number, { type, subject }: MatchedEvent): boolean {
  if (!isReserved(segmentsOf(type))) return false;
  const about = /^hook\/(\d+)$/.exec(subject ?? '')?.[1] ?? null;
  const rows = sql.exec(
    `SELECT 1 FROM hooks AS own JOIN keys ON keys.id = own.key_id
     WHERE own.id = ? AND keys.role = 'subscriber'
       AND NOT EXISTS (SELECT 1 FROM hooks WHERE id = ? AND key_id = own.key_id)`,
    hookId,
    about === null ? null : Number(about),
  );
  return rows.toArray().length > 0;
}
