/**
 * Asks the log of every tenant to bring its secrets under the first key. A call asks some of them and the next one goes on, round
 * after round: the logs do the work by themselves, and the last round finds nothing left.
 */
import type { TenantsEnv } from './env.ts';
import type { ReencryptionState } from '../event-log/reencryption.ts';
import { eventLogOf } from '../registry/address.ts';
import { withDeadline } from '../storage/deadline.ts';
import type { Tenant } from '../registry/address.ts';

/** A subrequest each, of the 50 that the smallest plan allows an invocation. */
const TENANTS_AT_ONCE = 30;
const CALL_DEADLINE_MS = 10_000;

/** Of all tenants. */
export interface Reencrypted extends ReencryptionState {
  readonly state: 'running' | 'done';
}

interface Round extends ReencryptionState {
  /** The last tenant that was asked. */
  readonly after: string;
}

export async function reencryptNext(
  sql: SqlStorage,
  env: TenantsEnv,
  list: (after: string, limit: number) => readonly Tenant[],
): Promise<Reencrypted> {
  const round = readRound(sql);
  const tenants = list(round.after, TENANTS_AT_ONCE + 1);
  const asked = tenants.slice(0, TENANTS_AT_ONCE);
  const states = await Promise.all(asked.map((tenant) => stateOf(env, tenant)));
  const sum = (member: keyof ReencryptionState) =>
    states.reduce((total, state) => total + state[member], round[member]);
  const counted = { remaining: sum('remaining'), unreadable: sum('unreadable') };
  const last = asked.at(-1)?.tenant;
  if (tenants.length > asked.length && last !== undefined) {
    saveRound(sql, { after: last, ...counted });
    // At least one of those not asked yet.
    return { state: 'running', ...counted, remaining: counted.remaining + 1 };
  }
  saveRound(sql, { after: '', remaining: 0, unreadable: 0 });
  return { state: counted.remaining === 0 ? 'done' : 'running', ...counted };
}

/** One whose log cannot be asked has something left, and keeps no other from being asked. */
async function stateOf(env: TenantsEnv, tenant: Tenant): Promise<ReencryptionState> {
  try {
    return await withDeadline(eventLogOf(env, tenant).reencrypt(), CALL_DEADLINE_MS);
  } catch (error) {
    console.warn('log not asked to encrypt', { tenant: tenant.tenant, error: String(error) });
    return { remaining: 1, unreadable: 0 };
  }
}

function readRound(sql: SqlStorage): Round {
  const {
    after_id: after,
    remaining,
    unreadable,
  } = sql
    .exec<{ after_id: string; remaining: number; unreadable: number }>('SELECT * FROM reencryption')
    .one();
  return { after, remaining, unreadable };
}

function saveRound(sql: SqlStorage, { after, remaining, unreadable }: Round): void {
  sql.exec(
    'UPDATE reencryption SET after_id = ?, remaining = ?, unreadable = ?',
    after,
    remaining,
    unreadable,
  );
}
