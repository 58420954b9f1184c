/**
 * Tenants: one object for the whole relay, the authority on which tenants exist and where their objects live.
 * It holds no registration and no event. A tenant is made and erased in steps that a crash only delays: the
 * row says what is still to do, the alarm goes on with it.
 */
import { DurableObject } from 'cloudflare:workers';
import type { Env } from '../env.ts';
import { eventLogOf, namespaceIn, type TenantRef } from '../registry/address.ts';
import { tenantRecordKey, writeRecord } from '../registry/records.ts';
import { settingsOf, type Jurisdiction } from '../settings.ts';
import { Alarm } from '../storage/alarm.ts';
import { blankOf } from '../storage/blank.ts';
import { withDeadline } from '../storage/deadline.ts';
import { migrate } from '../storage/migrate.ts';

export const DEFAULT_TENANT = 'default';

export const TENANTS_MIGRATIONS: readonly string[] = [
  `CREATE TABLE tenants (
    id TEXT PRIMARY KEY,
    incarnation TEXT NOT NULL,
    jurisdiction TEXT,
    name TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('opening', 'open', 'erasing'))
  ) WITHOUT ROWID`,
  `CREATE TABLE sweep (
    next_at INTEGER NOT NULL,
    after_id TEXT NOT NULL
  );
  INSERT INTO sweep (next_at, after_id) VALUES (0, '')`,
];

/** A step that failed is tried again by the alarm this much later. */
const STEP_RETRY_MS = 5_000;
/** Each tenant's log is asked this often to delete what has become too old. */
const SWEEP_EVERY_MS = 86_400_000;
/** Below the 50 subrequests that the smallest plan allows an invocation. */
const SWEPT_PER_WAKE = 30;
const SWEEP_DEADLINE_MS = 5_000;

export interface Tenant extends TenantRef {
  readonly name: string;
  readonly createdAtMs: number;
}

interface TenantRow extends Record<string, SqlStorageValue> {
  id: string;
  incarnation: string;
  jurisdiction: string | null;
  name: string;
  created_at: number;
  state: 'opening' | 'open' | 'erasing';
}

export type CreateTenantResult =
  | { readonly ok: true; readonly tenant: Tenant }
  | { readonly ok: false; readonly reason: 'conflict' | 'jurisdiction-unavailable' };

export class Tenants extends DurableObject<Env> {
  readonly #sql: SqlStorage;
  readonly #alarm: Alarm;
  /** Of each tenant the step that comes last. */
  readonly #turns = new Map<string, Promise<unknown>>();

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#sql = ctx.storage.sql;
    this.#alarm = new Alarm(ctx.storage, () => Date.now());
    void ctx.blockConcurrencyWhile(async () => {
      migrate(ctx.storage, TENANTS_MIGRATIONS);
      await this.#alarm.load();
      this.#arm(Date.now());
    });
  }

  /** Makes a tenant: its event log is open and its record in KV when this returns. */
  async create(id: string, name: string, jurisdiction: Jurisdiction | null): Promise<CreateTenantResult> {
    if (this.#row(id) !== undefined) return { ok: false, reason: 'conflict' };
    if (!this.#hasJurisdiction(jurisdiction)) return { ok: false, reason: 'jurisdiction-unavailable' };
    const row = this.#sql
      .exec<TenantRow>(
        `INSERT INTO tenants (id, incarnation, jurisdiction, name, created_at, state)
         VALUES (?, ?, ?, ?, ?, 'opening') RETURNING *`,
        id,
        crypto.randomUUID(),
        jurisdiction,
        name,
        Date.now(),
      )
      .one();
    this.#arm(Date.now() + STEP_RETRY_MS);
    if (!(await this.#open(row))) throw new Error(`tenant ${id}: erased while it was being made`);
    return { ok: true, tenant: toTenant(row) };
  }

  /** The living tenant of that id, or null. `default` is made when it is first asked for. */
  async resolve(id: string): Promise<Tenant | null> {
    const row = this.#row(id);
    if (row === undefined && id === DEFAULT_TENANT) {
      const reading = settingsOf(this.env);
      const made = await this.create(id, '', reading.ok ? reading.settings.defaultJurisdiction : null);
      if (!made.ok && made.reason === 'jurisdiction-unavailable') {
        throw new Error('DEFAULT_JURISDICTION: expected one this runtime has');
      }
      return this.resolve(id);
    }
    if (row === undefined || row.state === 'erasing') return null;
    if (row.state === 'opening' && !(await this.#open(row))) return null;
    return toTenant(row);
  }

  /** Tenants in order of id, after `after`. */
  list(after: string | null, limit: number, order: 'asc' | 'desc'): Tenant[] {
    const rows =
      order === 'asc'
        ? this.#sql.exec<TenantRow>(
            `SELECT * FROM tenants WHERE state != 'erasing' AND id > ? ORDER BY id LIMIT ?`,
            after ?? '',
            limit,
          )
        : this.#sql.exec<TenantRow>(
            `SELECT * FROM tenants WHERE state != 'erasing' AND id < ? ORDER BY id DESC LIMIT ?`,
            after ?? '~',
            limit,
          );
    return rows.toArray().map(toTenant);
  }

  /**
   * Erases a tenant: from the answer on nothing resolves to it; its objects and records go in the steps that
   * follow. Returns false when there is no such tenant.
   */
  async erase(id: string): Promise<boolean> {
    const row = this.#row(id);
    if (row === undefined || row.state === 'erasing') return false;
    // Before the row changes its length.
    this.#sql.exec('UPDATE tenants SET name = ? WHERE id = ?', blankOf(row.name), id);
    this.#sql.exec(`UPDATE tenants SET state = 'erasing' WHERE id = ?`, id);
    this.#arm(Date.now());
    await this.#inTurn(id, async () => {
      await writeRecord(this.env.REGISTRY, tenantRecordKey(id), null);
      await eventLogOf(this.env, toTenant(row)).close();
    });
    return true;
  }

  override async alarm(): Promise<void> {
    this.#alarm.fired();
    try {
      const waitMs = await this.#goOn();
      await this.#sweep();
      this.#arm(Date.now() + waitMs);
    } catch (error) {
      console.error('tenants wake failed', { error: String(error) });
      // Where storage fails it cannot say what is to do: it is asked again later, however often.
      this.#alarm.by(Date.now() + STEP_RETRY_MS);
    }
  }

  /** One step of each tenant that is being made or erased. Returns how long the next ones may wait, in ms. */
  async #goOn(): Promise<number> {
    const rows = this.#sql.exec<TenantRow>(`SELECT * FROM tenants WHERE state != 'open'`).toArray();
    let waitMs = STEP_RETRY_MS;
    for (const row of rows) {
      try {
        if (row.state === 'opening') await this.#open(row);
        else if (!(await this.#eraseStep(row))) waitMs = 0;
      } catch (error) {
        console.error('tenant step failed', { tenant: row.id, state: row.state, error: String(error) });
      }
    }
    return waitMs;
  }

  /** Asks the next tenants' logs to delete what is too old, if that is due. One that fails is asked the next time. */
  async #sweep(): Promise<void> {
    const nowMs = Date.now();
    const { nextAtMs, afterId } = this.#nextSweep();
    if (nextAtMs > nowMs) return;
    const rows = this.#sql
      .exec<TenantRow>(
        `SELECT * FROM tenants WHERE state = 'open' AND id > ? ORDER BY id LIMIT ?`,
        afterId,
        SWEPT_PER_WAKE,
      )
      .toArray();
    await Promise.all(
      rows.map(async (row) => {
        try {
          await withDeadline(eventLogOf(this.env, toTenant(row)).sweep(), SWEEP_DEADLINE_MS);
        } catch (error) {
          console.warn('tenant not swept', { tenant: row.id, error: String(error) });
        }
      }),
    );
    const last = rows.length < SWEPT_PER_WAKE ? undefined : rows.at(-1);
    this.#sql.exec(
      'UPDATE sweep SET next_at = ?, after_id = ?',
      last === undefined ? nowMs + SWEEP_EVERY_MS : nowMs,
      last?.id ?? '',
    );
  }

  #nextSweep(): { nextAtMs: number; afterId: string } {
    const row = this.#sql.exec<{ next_at: number; after_id: string }>('SELECT * FROM sweep').one();
    return { nextAtMs: row.next_at, afterId: row.after_id };
  }

  /** False when the tenant is being erased or gone. */
  #open({ id, incarnation }: TenantRow): Promise<boolean> {
    return this.#inTurn(id, async () => {
      const row = this.#row(id);
      if (row?.incarnation !== incarnation || row.state === 'erasing') return false;
      if (row.state === 'open') return true;
      const tenant = toTenant(row);
      await eventLogOf(this.env, tenant).open(tenant);
      await writeRecord(this.env.REGISTRY, tenantRecordKey(id), tenant);
      const isOpen = `UPDATE tenants SET state = 'open' WHERE id = ? AND incarnation = ? AND state = 'opening'`;
      return this.#sql.exec(isOpen, id, incarnation).rowsWritten > 0;
    });
  }

  /** True when nothing is left of the tenant. */
  #eraseStep({ id, incarnation }: TenantRow): Promise<boolean> {
    return this.#inTurn(id, async () => {
      const row = this.#row(id);
      if (row?.incarnation !== incarnation) return true;
      await writeRecord(this.env.REGISTRY, tenantRecordKey(id), null);
      const isFinished = await eventLogOf(this.env, toTenant(row)).erase();
      if (isFinished) this.#sql.exec('DELETE FROM tenants WHERE id = ? AND incarnation = ?', id, incarnation);
      return isFinished;
    });
  }

  /** The steps of one tenant go one after the other, so that an older one never lands after a newer. */
  #inTurn<T>(id: string, step: () => Promise<T>): Promise<T> {
    const before = this.#turns.get(id) ?? Promise.resolve();
    const mine = before.catch(() => undefined).then(step);
    this.#turns.set(id, mine);
    return mine.finally(() => {
      if (this.#turns.get(id) === mine) this.#turns.delete(id);
    });
  }

  #arm(atMs: number): void {
    if (this.#has(`state != 'open'`)) this.#alarm.by(atMs);
    if (this.#has(`state = 'open'`)) this.#alarm.by(Math.max(this.#nextSweep().nextAtMs, Date.now()));
  }

  #has(condition: `state ${'=' | '!='} 'open'`): boolean {
    return this.#sql.exec(`SELECT 1 FROM tenants WHERE ${condition} LIMIT 1`).toArray().length > 0;
  }

  #hasJurisdiction(jurisdiction: Jurisdiction | null): boolean {
    try {
      namespaceIn(this.env.EVENT_LOG, jurisdiction);
      return true;
    } catch {
      return false;
    }
  }

  #row(id: string): TenantRow | undefined {
    return this.#sql.exec<TenantRow>('SELECT * FROM tenants WHERE id = ?', id).toArray()[0];
  }
}

function toTenant(row: TenantRow): Tenant {
  return {
    tenant: row.id,
    incarnation: row.incarnation,
    jurisdiction: row.jurisdiction as Jurisdiction | null,
    name: row.name,
    createdAtMs: row.created_at,
  };
}
