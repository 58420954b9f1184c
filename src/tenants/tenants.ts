/**
 * Tenants: one object for the whole relay, the authority on which tenants exist and where their objects live.
 * It holds no registration and no event. A tenant is made and erased in steps that a crash only delays: the
 * row says what is still to do, the alarm goes on with it.
 */
import { DurableObject } from 'cloudflare:workers';
import type { TenantsEnv } from './env.ts';
import { eraseHook } from '../event-log/erasure.ts';
import { eventLogOf, namespaceIn } from '../registry/address.ts';
import { tenantRecordKey, writeRecord } from '../registry/records.ts';
import { settingsOf, type Jurisdiction } from '../settings.ts';
import { Alarm } from '../storage/alarm.ts';
import { blankOf } from '../storage/blank.ts';
import { withDeadline } from '../storage/deadline.ts';
import { migrate } from '../storage/migrate.ts';
import { Leftovers, type Leftover } from './leftovers.ts';
import { reencryptNext, type Reencrypted } from './reencryption.ts';
import { TENANTS_MIGRATIONS } from './schema.ts';
import { Sweep } from './sweep.ts';
import { DEFAULT_TENANT, toTenant, type TenantRow } from './tenant.ts';
import type { Tenant } from '../registry/address.ts';
import { Unfinished } from './unfinished.ts';

/** With two subrequests each, and the logs that are swept, below the 50 that the smallest plan allows an invocation. */
const STEPS_PER_WAKE = 10;
const LEFTOVERS_PER_WAKE = 5;
const SWEPT_PER_WAKE = 30;
const SWEPT_BESIDE_STEPS = 10;
/** Of a log that hangs; what it does behind it may be done twice. */
const STEP_DEADLINE_MS = 15_000;
/** A wake that ends over what it does is followed by another one this much later. */
const WAKE_RETRY_MS = 5_000;

export type CreateTenantResult =
  | { readonly ok: true; readonly tenant: Tenant }
  | { readonly ok: false; readonly reason: 'conflict' | 'jurisdiction-unavailable' };

export class Tenants extends DurableObject<TenantsEnv> {
  readonly stepDeadlineMs: number = STEP_DEADLINE_MS;
  readonly #sql: SqlStorage;
  readonly #alarm: Alarm;
  readonly #unfinished: Unfinished;
  readonly #leftovers: Leftovers;
  readonly #sweep: Sweep;
  /** Of each tenant the step that comes last. */
  readonly #turns = new Map<string, Promise<unknown>>();
  /** Tenants of which the alarm has begun a step that has not come back. */
  readonly #underWay = new Set<string>();

  constructor(ctx: DurableObjectState, env: TenantsEnv) {
    super(ctx, env);
    this.#sql = ctx.storage.sql;
    this.#alarm = new Alarm(ctx.storage, () => Date.now());
    this.#unfinished = new Unfinished(this.#sql);
    this.#leftovers = new Leftovers(this.#sql);
    this.#sweep = new Sweep(this.#sql, () => this.env);
    void ctx.blockConcurrencyWhile(async () => {
      migrate(ctx.storage, TENANTS_MIGRATIONS);
      await this.#alarm.load();
      this.#arm();
    });
  }

  /** Makes a tenant: its event log is open and its record in KV when this returns. What fails leaves none. */
  async create(id: string, name: string, jurisdiction: Jurisdiction | null): Promise<CreateTenantResult> {
    try {
      return await this.#make(id, name, jurisdiction);
    } catch (error) {
      const row = this.#row(id);
      if (row?.state === 'opening') this.#beginErasing(row);
      throw error;
    }
  }

  async #make(id: string, name: string, jurisdiction: Jurisdiction | null): Promise<CreateTenantResult> {
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
    this.#unfinished.begun(id, Date.now());
    this.#arm();
    if (!(await this.#open(row))) throw new Error(`tenant ${id}: erased while it was being made`);
    return { ok: true, tenant: toTenant(row) };
  }

  /** The living tenant of that id, or null. `default` is made when it is first asked for. */
  async resolve(id: string): Promise<Tenant | null> {
    const row = this.#row(id);
    if (row === undefined && id === DEFAULT_TENANT) {
      const reading = settingsOf(this.env);
      const made = await this.#make(id, '', reading.ok ? reading.settings.defaultJurisdiction : null);
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

  /** Brings some more secrets, of all tenants, under the first key. */
  reencrypt(): Promise<Reencrypted> {
    return reencryptNext(this.#sql, this.env, (after, limit) => this.list(after, limit, 'asc'));
  }

  /**
   * Erases a tenant: from the answer on nothing resolves to it; its objects and records go in the steps that
   * follow. Returns false when there is no such tenant.
   */
  async erase(id: string): Promise<boolean> {
    const row = this.#row(id);
    if (row === undefined || row.state === 'erasing') return false;
    this.#beginErasing(row);
    try {
      await this.#inTurn(id, async () => {
        await writeRecord(this.env.REGISTRY, tenantRecordKey(id), null);
        await eventLogOf(this.env, toTenant(row)).close();
      });
    } catch (error) {
      // It is being erased all the same: the steps that follow begin with this one.
      console.error('tenant not closed yet', { tenant: id, error: String(error) });
    }
    return true;
  }

  #beginErasing({ id, name }: TenantRow): void {
    // Before the row changes its length.
    this.#sql.exec('UPDATE tenants SET name = ? WHERE id = ?', blankOf(name), id);
    this.#sql.exec(
      `UPDATE tenants SET state = 'erasing', failures = 0, next_at = ? WHERE id = ?`,
      Date.now(),
      id,
    );
    this.#arm();
  }

  override async alarm(): Promise<void> {
    this.#alarm.fired();
    try {
      // First: should this wake end over what follows, another one comes.
      if (this.#dueMs() !== Infinity) this.#alarm.by(Date.now() + WAKE_RETRY_MS);
      const steps = await this.#goOn();
      await this.#sweep.goOn(Date.now(), steps === 0 ? SWEPT_PER_WAKE : SWEPT_BESIDE_STEPS);
      // It has not: what is set may be put off.
      this.#alarm.fired();
      this.#arm();
    } catch (error) {
      console.error('tenants wake failed', { error: String(error) });
      // Where storage fails it cannot say what is to do: it is asked again later, however often.
      this.#alarm.by(Date.now() + WAKE_RETRY_MS);
    }
  }

  /** One step of some of the tenants that are being made or erased, side by side. Returns how many. */
  async #goOn(): Promise<number> {
    const rows = this.#unfinished.claimDue(Date.now(), STEPS_PER_WAKE);
    const leftovers = this.#leftovers.claimDue(Date.now(), LEFTOVERS_PER_WAKE);
    await Promise.all([
      ...rows.map((row) => this.#step(row)),
      ...leftovers.map((leftover) => this.#eraseLeftover(leftover)),
    ]);
    return rows.length + leftovers.length;
  }

  async #step(row: TenantRow): Promise<void> {
    if (this.#underWay.has(row.id)) return;
    this.#underWay.add(row.id);
    const step: Promise<unknown> = row.state === 'opening' ? this.#open(row) : this.#eraseStep(row);
    const mine = step.finally(() => this.#underWay.delete(row.id));
    try {
      await withDeadline(mine, this.stepDeadlineMs);
      this.#unfinished.hasGoneOn(row, Date.now());
    } catch (error) {
      console.error('tenant step failed', {
        tenant: row.id,
        state: row.state,
        failures: row.failures + 1,
        error: String(error),
      });
    }
  }

  async #eraseLeftover(leftover: Leftover): Promise<void> {
    const { ref, hookId } = leftover;
    try {
      await eraseHook(this.env, ref, hookId);
      this.#leftovers.remove(leftover);
    } catch (error) {
      console.error('hook of an erased tenant not erased yet', {
        tenant: ref.tenant,
        hookId,
        error: String(error),
      });
    }
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

  #eraseStep({ id, incarnation }: TenantRow): Promise<void> {
    return this.#inTurn(id, async () => {
      const row = this.#row(id);
      if (row?.incarnation !== incarnation) return;
      const tenant = toTenant(row);
      const log = eventLogOf(this.env, tenant);
      const step = await log.erase();
      if (step.kind === 'more') return;
      // On disk before the log forgets them.
      this.#leftovers.add(tenant, step.left, Date.now());
      await log.eraseRest();
      await writeRecord(this.env.REGISTRY, tenantRecordKey(id), null);
      this.#sql.exec('DELETE FROM tenants WHERE id = ? AND incarnation = ?', id, incarnation);
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

  #arm(): void {
    this.#alarm.by(Math.max(this.#dueMs(), Date.now()));
  }

  /** When there is something to do; Infinity: there is nothing. */
  #dueMs(): number {
    const nowMs = Date.now();
    return Math.min(this.#unfinished.nextMs(nowMs), this.#leftovers.nextMs(nowMs), this.#sweep.nextMs(nowMs));
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
