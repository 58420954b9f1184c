/** An opened log, read from storage when its object wakes: its tables, and how far it has come. */
import { eventId, seqOfEventId, type EventId } from '../core/event-id.ts';
import { randomBytes } from '../random.ts';
import type { KeyRing } from '../core/sealing.ts';
import type { TenantRef } from '../registry/address.ts';
import { Audit } from './audit.ts';
import type { Transaction } from '../storage/transaction.ts';
import { Vault } from '../storage/vault.ts';
import { EventStore } from './event-store.ts';
import type { StoredEvent } from '../core/stored-event.ts';
import { readProgress, saveLastRecorded, type Flushed } from './progress.ts';
import { Hooks } from './hooks.ts';
import { LogHours } from './hours.ts';
import { IdempotentAnswers } from './idempotency.ts';
import { Keys } from './keys.ts';
import { SourceProviders } from './source-providers.ts';
import { ConnectedKeys } from './connected-keys.ts';
import { OfferedHooks } from './offered.ts';
import { Sources } from './sources.ts';
import { Summaries } from './summaries.ts';

/** Where and when an event enters the log. */
export interface Place {
  readonly seq: number;
  readonly posthornId: EventId;
  readonly recordedAtMs: number;
}

/** Of the time of the newest event, before the clock. */
const AHEAD_MAX_MS = 60_000;

export class OpenLog {
  readonly ref: TenantRef;
  readonly events: EventStore;
  readonly sources: Sources;
  readonly providers: SourceProviders;
  readonly keys: Keys;
  readonly connectedKeys: ConnectedKeys;
  readonly hooks: Hooks;
  readonly offered: OfferedHooks;
  readonly summaries: Summaries;
  readonly hours: LogHours;
  readonly answers: IdempotentAnswers;
  readonly audit: Audit;
  readonly vault: Vault;
  readonly #sql: SqlStorage;
  readonly #transaction: Transaction;
  #lastSeq: number;
  #lastRecordedAtMs: number;
  #countedSeq: number;

  constructor(sql: SqlStorage, transaction: Transaction, keys: KeyRing) {
    this.#sql = sql;
    this.#transaction = transaction;
    const row = sql
      .exec<{ tenant: string; incarnation: string; jurisdiction: TenantRef['jurisdiction'] }>(
        'SELECT tenant, incarnation, jurisdiction FROM tenant',
      )
      .one();
    this.ref = { tenant: row.tenant, incarnation: row.incarnation, jurisdiction: row.jurisdiction };
    const { fannedSeq, countedSeq, lastRecordedAtMs, unsaved } = readProgress(sql);
    this.events = new EventStore(sql);
    this.vault = new Vault(keys, this.ref);
    this.sources = new Sources(
      sql,
      this.ref.tenant,
      this.events,
      countedSeq,
      this.vault,
      transaction,
      (source) => {
        this.hours.turnSource(source);
      },
    );
    this.providers = new SourceProviders(this.sources);
    this.keys = new Keys(sql, this.ref.tenant);
    this.connectedKeys = new ConnectedKeys(sql, this.keys);
    this.hooks = new Hooks(sql, (seq) => this.events.at(seq), this.vault, transaction);
    this.offered = new OfferedHooks(sql);
    this.summaries = new Summaries(sql, unsaved, () => {
      this.hours.turn();
    });
    this.hours = new LogHours(sql, {
      accepted: () => this.#lastSeq,
      sources: () => this.sources.all,
      delivered: () => this.summaries.delivered(),
      nowMs: () => Date.now(),
    });
    this.answers = new IdempotentAnswers(sql, this.vault);
    this.audit = new Audit(sql);
    const last = this.events.last();
    this.#lastSeq = Math.max(last?.seq ?? 0, fannedSeq);
    this.#lastRecordedAtMs = last?.recordedAtMs ?? lastRecordedAtMs;
    this.#countedSeq = countedSeq;
  }

  get lastSeq(): number {
    return this.#lastSeq;
  }

  /**
   * Times of a log rise with its places. Only a clock that is set back by more than a minute is followed, or they would lie
   * ahead of it for as long as it had.
   */
  now(): number {
    const nowMs = Date.now();
    return this.#lastRecordedAtMs - nowMs > AHEAD_MAX_MS ? nowMs : Math.max(nowMs, this.#lastRecordedAtMs);
  }

  nextPlace(recordedAtMs: number): Place {
    const seq = this.#lastSeq + 1;
    const posthornId = eventId(recordedAtMs, seq, randomBytes(5));
    return { seq, posthornId, recordedAtMs };
  }

  eventById(id: string): StoredEvent | null {
    const seq = seqOfEventId(id);
    const event = seq === null ? null : this.events.at(seq);
    return event?.id === id ? event : null;
  }

  append(event: StoredEvent, dedupe: Uint8Array | null): void {
    this.hours.turn();
    this.events.append(event, dedupe);
    if (event.recordedAtMs < this.#lastRecordedAtMs) this.events.times.stepBack(event.seq);
    this.#lastSeq = event.seq;
    this.#lastRecordedAtMs = event.recordedAtMs;
  }

  /** All that `work` appends, or nothing of it: then it throws. */
  atomically<T>(work: () => T): T {
    const [seq, recordedAtMs] = [this.#lastSeq, this.#lastRecordedAtMs];
    try {
      return this.#transaction(work);
    } catch (error) {
      this.#lastSeq = seq;
      this.#lastRecordedAtMs = recordedAtMs;
      this.events.times.reread();
      this.hours.reread();
      throw error;
    }
  }

  /** Deletes events as `EventStore.purge`. When none is left, the newest time stays: those to come are no earlier. */
  purge(fromSeq: number, beforeSeq: number, kept: ReadonlySet<number>, bytes: number): number | null {
    const nextSeq = this.events.purge(fromSeq, beforeSeq, kept, bytes);
    this.events.times.forgetBefore(this.events.first()?.seq ?? this.#lastSeq);
    if (nextSeq !== null && this.events.last() === null) saveLastRecorded(this.#sql, this.#lastRecordedAtMs);
    return nextSeq;
  }

  /** How many rounds of retention in a row hooks have held back. */
  heldBack(): number {
    return this.#sql.exec<{ rounds: number }>('SELECT held_back AS rounds FROM retention').one().rounds;
  }

  saveHeldBack(rounds: number): void {
    this.#sql.exec('UPDATE retention SET held_back = ?', rounds);
  }

  /** When something in memory is to be written down; Infinity: there is nothing. */
  flushDueMs(): number {
    return Math.min(this.sources.counters.flushDueMs(), this.summaries.flushDueMs());
  }

  /** Writes source counters and summaries of hooks if that is due, and says what is left in memory. */
  flushCounters(): Flushed {
    const nowMs = Date.now();
    this.summaries.flush(nowMs);
    if (this.sources.counters.flushDueMs() <= nowMs) this.sources.counters.flush(nowMs);
    // With nothing left to flush the place moves on for free; own events alone would else be read at every start.
    if (this.sources.counters.flushDueMs() === Infinity) this.#countedSeq = this.#lastSeq;
    return { countedSeq: this.#countedSeq, unsaved: this.summaries.unsaved };
  }
}
