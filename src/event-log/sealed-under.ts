/** Which keys secrets of a log are sealed under: noted once a key, so that a log knows in few rows whether it has them all. */
import { SEAL_MARK, type KeyRing } from '../core/sealing.ts';

/** Where sealed texts may lie. */
const PLACES = [
  ['hooks', 'secret || former_secrets || secret_keys || config'],
  ['sources', `tokens || secrets || coalesce(site, '')`],
  ['idempotent_answers', 'answer'],
] as const;

/** Notes the key that seals from now on. */
export function noteSealingKey(sql: SqlStorage, ring: KeyRing): void {
  const [key] = ring;
  if (key === undefined || notedKeys(sql).includes(key.id)) return;
  sql.exec('INSERT INTO sealed_under (key_id) VALUES (?)', noteOf(key.id));
  // What was brought under an earlier first key has to be looked at again.
  sql.exec('DELETE FROM reencryption');
}

/** Ids of keys that are not in the ring and without which something cannot be opened. */
export function missingKeys(sql: SqlStorage, ring: KeyRing): string[] {
  return notedKeys(sql).filter((id) => {
    if (ring.some((key) => key.id === id)) return false;
    if (isInUse(sql, id)) return true;
    forgetKey(sql, id);
    return false;
  });
}

export function notedKeys(sql: SqlStorage): string[] {
  return sql
    .exec<{ key_id: string }>('SELECT key_id FROM sealed_under')
    .toArray()
    .map(({ key_id: note }) => note.slice(SEAL_MARK.length));
}

/** Nothing is sealed under it any more. */
export function forgetKey(sql: SqlStorage, id: string): void {
  sql.exec('DELETE FROM sealed_under WHERE key_id = ?', noteOf(id));
}

/** With the mark, which whoever looks through the files finds. */
function noteOf(id: string): string {
  return `${SEAL_MARK}${id}`;
}

function isInUse(sql: SqlStorage, id: string): boolean {
  return PLACES.some(
    ([table, texts]) =>
      sql.exec(`SELECT 1 FROM ${table} WHERE instr(${texts}, ?) > 0 LIMIT 1`, noteOf(id)).toArray().length >
      0,
  );
}
