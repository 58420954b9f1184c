/**
 * EventLog: one object per tenant. Authority for its registrations, and the durable log of its events. This class opens,
 * closes and erases the log, and holds its parts together; what is due is driven by rounds.ts. Who comes in (intake.ts), who
 * is registered (changes.ts and the registrars), who gets what (fan-out.ts) and what became of it (history.ts) know nothing
 * of the alarm.
 */
import type { Attribution } from '../core/audit-chain.ts';
import type { EventLogEnv } from './env.ts';
import type { TenantLog } from '../hook/env.ts';
import type { HookStanding } from '../hook/reports.ts';
import { Gate, pace } from '../pace.ts';
import { TENANT_GONE } from '../registry/address.ts';
import { keyRingOf } from '../settings.ts';
import { Alarm } from '../storage/alarm.ts';
import { GroupCommit } from '../storage/group-commit.ts';
import { isOpened, migrate } from '../storage/migrate.ts';
import { secretsKeyMissing } from '../storage/unreadable.ts';
import type { Tenant } from '../registry/address.ts';
import { quotasOf } from './bounds.ts';
import { Erasure, type ErasureStep } from './erasure.ts';
import { EventLogCalls } from './event-log-calls.ts';
import { Importing, presentIn, undoImport } from './importing.ts';
import type { Intake } from './intake.ts';
import { openParts, type Parts, type PartsHost } from './parts.ts';
import type { ImportResult } from './restored.ts';
import { Rounds } from './rounds.ts';
import { EVENT_LOG_MIGRATIONS } from './schema.ts';
import { missingKeys } from './sealed-under.ts';

/** An arrival so soon after another one is one of many. */
const CROWDED_MS = 2;

export class EventLog extends EventLogCalls implements TenantLog {
  /** What is due starts without waiting for the alarm. Tests of single steps run the alarm themselves. */
  readonly isEager: boolean = true;
  /** Of the 10 GB of an object. */
  readonly objectMaxBytes: number = 9_700_000_000;
  /** For what upkeep asks of a hook. */
  readonly callDeadlineMs: number = 10_000;
  readonly #sql: SqlStorage;
  readonly #rounds: Rounds;
  #open: Parts | null = null;
  /** The log as it was when it closed: what it has begun to tell must end before anything is erased. */
  #closed: Parts | null = null;
  #erasure: Erasure | null = null;
  /** Why it cannot be read: its secrets are sealed under a key that is not here. Nothing is written then. */
  #locked: Error | null = null;
  #isImporting = false;
  readonly #arrivals = new GroupCommit();
  readonly #gate = new Gate(pace, () => Date.now());
  #lastArrivalMs = -Infinity;

  constructor(ctx: DurableObjectState, env: EventLogEnv) {
    super(ctx, env);
    this.#sql = ctx.storage.sql;
    const alarm = new Alarm(ctx.storage, () => Date.now());
    this.#rounds = new Rounds(alarm, {
      open: () => this.#open,
      isLocked: () => this.#locked !== null,
      isEager: () => this.isEager,
      over: () => {
        this.#gate.look();
      },
      waitUntil: (work) => {
        ctx.waitUntil(work);
      },
    });
    void ctx.blockConcurrencyWhile(async () => {
      await alarm.load();
      if (!isOpened(this.#sql)) return;
      migrate(ctx.storage, EVENT_LOG_MIGRATIONS);
      undoImport(ctx.storage);
      this.#load();
      this.#rounds.arm(false);
    });
  }

  // Tenant life

  /** Opens the log of a tenant. Repeating it changes nothing. */
  open(tenant: Tenant): void {
    if (isOpened(this.#sql)) return;
    this.ctx.storage.transactionSync(() => {
      migrate(this.ctx.storage, EVENT_LOG_MIGRATIONS);
      this.#sql.exec(
        'INSERT INTO tenant (tenant, incarnation, jurisdiction) VALUES (?, ?, ?)',
        tenant.tenant,
        tenant.incarnation,
        tenant.jurisdiction,
      );
    });
    this.#load();
  }

  /** From the answer on every call but `erase` finds no tenant here. */
  close(): void {
    if (!isOpened(this.#sql)) return;
    this.#sql.exec('UPDATE tenant SET closed = 1');
    this.#open?.tail.close();
    this.#closed = this.#open ?? this.#closed;
    this.#open = null;
    this.#locked = null;
  }

  /** Closes the log and erases a part of what it has registered. Then, `rest`: the log itself is to be erased. */
  async erase(): Promise<ErasureStep> {
    this.close();
    if (!isOpened(this.#sql)) return { kind: 'rest', left: [] };
    await this.#closed?.changes.settled();
    this.#erasure ??= new Erasure(this.#sql, () => this.env);
    return this.#erasure.step();
  }

  /** Leaves nothing of a log that is closed, not even the hooks that `erase` has left. Repeating it changes nothing. */
  async eraseRest(): Promise<void> {
    this.close();
    this.#closed = null;
    this.#erasure = null;
    await this.ctx.storage.deleteAlarm();
    await this.ctx.storage.deleteAll();
  }

  // What others call

  /** Of many that come in close together several share a commit; one that comes alone waits for nobody. */
  async accept(...args: Parameters<Intake['accept']>) {
    const nowMs = Date.now();
    const isCrowded = nowMs - this.#lastArrivalMs <= CROWDED_MS;
    this.#lastArrivalMs = nowMs;
    const turn = this.#gate.turn();
    if (turn !== null) await turn;
    else if (isCrowded || this.#arrivals.isGathering) await this.#arrivals.join();
    return this.parts().intake.accept(...args);
  }
  /** Called by a hook that stands otherwise than it last said. Of an erased tenant nobody wants to know. */
  report(hookId: number, standing: HookStanding): void {
    const log = this.#open?.log;
    if (log?.hooks.rows.isLiving(hookId) === true) log.summaries.told(hookId, standing);
  }
  // Import

  /** What stands in the way of an import; null: nothing. */
  presentForImport(): string | null {
    this.parts();
    return presentIn(this.#sql);
  }

  /**
   * Puts an export back; see importing.ts. Nothing else of the log is open meanwhile. The stream is of lines that were
   * checked (http/native/import-lines.ts).
   */
  async importLines(lines: ReadableStream<Uint8Array>, by: Attribution): Promise<ImportResult> {
    const { changes, log } = this.parts();
    this.#open = null;
    this.#isImporting = true;
    try {
      await Promise.all([changes.settled(), this.#rounds.settled()]);
      const what = presentIn(this.#sql);
      if (what !== null) return { kind: 'not-empty', what };
      const importing = new Importing(this.ctx.storage, quotasOf(this.env), log.vault.ring);
      const unfit = await importing.read(lines);
      return unfit ?? { kind: 'imported', ...importing.commit(by) };
    } finally {
      // Takes away nothing of an import that was committed.
      undoImport(this.ctx.storage);
      this.#isImporting = false;
      this.#load();
      this.#rounds.arm(false);
    }
  }

  // Viewers

  /** Connects who watches. An upgrade goes by `fetch`: RPC carries none. */
  override fetch(request: Request): Response {
    const answer = this.parts().tail.connect(request);
    this.#rounds.arm(false);
    return answer;
  }

  override webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): void {
    this.#open?.tail.heard(socket, message);
  }

  override webSocketClose(socket: WebSocket): void {
    this.#open?.tail.gone(socket);
  }

  override webSocketError(socket: WebSocket): void {
    this.#open?.tail.gone(socket);
  }

  /** What its parts have still to do; see rounds.ts. */
  override async alarm(): Promise<void> {
    await this.#rounds.alarm();
  }

  protected readonly parts = (): Parts => {
    if (this.#locked !== null) throw this.#locked;
    if (this.#isImporting) throw new Error('an import is under way');
    if (this.#open === null) throw new Error(TENANT_GONE);
    return this.#open;
  };

  #load(): void {
    const closed = this.#sql.exec<{ closed: number }>('SELECT closed FROM tenant').one().closed === 1;
    const ring = keyRingOf(this.env);
    const missing = closed || ring === null ? [] : missingKeys(this.#sql, ring);
    this.#locked =
      !closed && (ring === null || missing.length > 0) ? secretsKeyMissing(ring && missing) : null;
    this.#open =
      closed || ring === null || this.#locked !== null ? null : openParts(this.ctx, ring, this.#partsHost());
  }

  #partsHost(): PartsHost {
    return {
      env: () => this.env,
      arm: (mayStart) => {
        this.#rounds.arm(mayStart);
      },
      isOpen: (log) => this.#open?.log === log,
      limits: () => ({ objectMaxBytes: this.objectMaxBytes, deadlineMs: this.callDeadlineMs }),
    };
  }
}
