/**
 * EventLog: one object per tenant. Authority for its registrations, and the durable log of its events: dedupes,
 * appends, fans out. Accepting an event is one turn without an await, hence one commit; everything after it is
 * driven by the alarm, which is derived from what storage says is still to do.
 */
import { DurableObject } from 'cloudflare:workers';
import { createHash } from 'node:crypto';
import type { DeliveryStatus, Reason } from '../core/delivery.ts';
import {
  sealOwn,
  sealProvider,
  structuredBody,
  type PublishedEvent,
  type SealedEnvelope,
} from '../core/envelope.ts';
import { eventId, seqOfEventId, type EventId } from '../core/event-id.ts';
import { patchHook, type HookConfig, type HookPatch } from '../core/hook-config.ts';
import type { Role } from '../core/role.ts';
import { newSecret } from '../core/signature.ts';
import { uuidv7 } from '../core/uuid.ts';
import type { Env } from '../env.ts';
import type { HookRuntime } from '../hook/hook.ts';
import { PROVIDERS } from '../providers/providers.ts';
import { hookOf, TENANT_GONE, type TenantRef } from '../registry/address.ts';
import {
  hookRecordKey,
  keyRecordKey,
  sourceRecordKey,
  tokenRecordKey,
  writeRecord,
  type KeyRoute,
  type TokenRoute,
} from '../registry/records.ts';
import type { Tenant } from '../tenants/tenants.ts';
import { Alarm } from '../storage/alarm.ts';
import { isOpened, migrate } from '../storage/migrate.ts';
import { EventStore, type EventFilter, type StoredEvent } from './event-store.ts';
import { FanOut, readCountedSeq } from './fan-out.ts';
import { EVERY_HOOK, Hooks, type HookRegistration, type HookScope, type NewHook } from './hooks.ts';
import { IdempotentAnswers, type Created, type Idempotency } from './idempotency.ts';
import { Keys, type Key } from './keys.ts';
import { Outbox } from './outbox.ts';
import { keyRoute, recordOf, tokenRoute } from './records.ts';
import { EVENT_LOG_MIGRATIONS } from './schema.ts';
import {
  secretsInForce,
  Sources,
  type NewSource,
  type Rejection,
  type Source,
  type SourcePatch,
} from './sources.ts';

/** While events keep coming, hooks are served at most this often: each round costs rows for alarm and progress. */
const FAN_OUT_PAUSE_MS = 50;
const OUTBOX_RETRY_MS = 5_000;
/** With the calls of the fan-out below the 50 subrequests that the smallest plan allows an invocation. */
const OUTBOX_KEYS_PER_WAKE = 8;
const FAILURE_RETRY_MAX_MS = 60_000;
/** Each takes up to two subrequests. */
const ERASED_PER_CALL = 20;
/** A page of events ends early at this size. */
const PAGE_BYTES = 4 * 1024 * 1024;
const STATS_AGE_MS = 60_000;
const HOOKS_ASKED_AT_ONCE = 50;

export interface Arrival {
  readonly tokenHash: string;
  readonly body: Uint8Array;
  readonly headers: ReadonlyMap<string, string>;
  readonly pathEventType: string | null;
}

export type AcceptResult =
  | { readonly kind: 'accepted'; readonly id: EventId; readonly duplicate: boolean }
  | { readonly kind: 'test' }
  | { readonly kind: 'unknown-source' }
  | { readonly kind: 'bad-signature' }
  | { readonly kind: 'malformed'; readonly path: string; readonly expected: string; readonly got: string };

export interface Published {
  readonly id: EventId;
  readonly duplicate: boolean;
}

export interface HookView {
  readonly registration: HookRegistration;
  readonly runtime: HookRuntime;
}

export interface EventPage {
  /** Envelopes as JSON, in the order asked for. */
  readonly envelopes: Uint8Array[];
  readonly nextSeq: number | null;
}

export interface HookDelivery {
  readonly hookId: number;
  readonly status: DeliveryStatus;
  readonly attempts: number;
  readonly reason: Reason | null;
}

export interface EventView {
  readonly envelope: Uint8Array;
  readonly deliveries: HookDelivery[];
  /** Last hook id of the page; null when there are no more. */
  readonly nextHook: number | null;
}

export interface TenantStats {
  readonly accepted: number;
  readonly duplicates: number;
  readonly pending: number;
  readonly delivered: number;
  readonly dead: number;
  readonly oldestPendingAtMs: number | null;
  readonly oldestEventAtMs: number | null;
  readonly hooks: { readonly active: number; readonly paused: number; readonly disabled: number };
}

export interface ListQuery {
  readonly order: 'asc' | 'desc';
  readonly after: number | null;
  readonly limit: number;
}

/** Everything of an opened log, read from storage when the object wakes. */
interface OpenLog {
  readonly ref: TenantRef;
  readonly events: EventStore;
  readonly sources: Sources;
  readonly keys: Keys;
  readonly hooks: Hooks;
  readonly answers: IdempotentAnswers;
  readonly outbox: Outbox;
  readonly fanOut: FanOut;
  lastSeq: number;
  lastRecordedAtMs: number;
  countedSeq: number;
}

export class EventLog extends DurableObject<Env> {
  readonly #sql: SqlStorage;
  readonly #alarm: Alarm;
  #open: OpenLog | null = null;
  /** The log as it was when it closed: what it has begun to tell must end before anything is erased. */
  #closed: OpenLog | null = null;
  #isAwake = false;
  #failures = 0;
  #fannedOutAtMs = 0;
  /** When the wake looks after the outbox; before that the calls that made the changes do. */
  #outboxDueMs = 0;
  #stats: { readonly atMs: number; readonly stats: TenantStats } | null = null;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#sql = ctx.storage.sql;
    this.#alarm = new Alarm(ctx.storage);
    void ctx.blockConcurrencyWhile(async () => {
      await this.#alarm.load();
      if (!isOpened(this.#sql)) return;
      migrate(ctx.storage, EVENT_LOG_MIGRATIONS);
      this.#load();
      this.#arm();
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
    this.#closed = this.#open ?? this.#closed;
    this.#open = null;
  }

  /**
   * Erases a part of what the closed log and its hooks hold; true when nothing is left. Registrations go last,
   * each after what it leads to, so that a crash in between forgets nothing.
   */
  async erase(): Promise<boolean> {
    this.close();
    if (!isOpened(this.#sql)) return true;
    await this.#closed?.outbox.settled();
    const log = this.#read();
    const { hooks, keys, sources, ref } = log;
    const some = hooks.some(ERASED_PER_CALL);
    for (const hook of some) {
      await hookOf(this.env, ref, hook.id).erase();
      await writeRecord(this.env.REGISTRY, hookRecordKey(ref.tenant, hook.id), null);
      hooks.forget(hook.id);
    }
    if (some.length > 0) return false;
    const someHashes = keys.someHashes(ERASED_PER_CALL);
    for (const hash of someHashes) {
      await writeRecord(this.env.REGISTRY, keyRecordKey(hash), null);
      keys.forget(hash);
    }
    if (someHashes.length > 0) return false;
    const someSources = sources.some(ERASED_PER_CALL);
    for (const source of someSources) {
      for (const key of sourceKeys(log, source)) await writeRecord(this.env.REGISTRY, key, null);
      sources.forget(source.id);
    }
    if (someSources.length > 0) return false;
    await this.ctx.storage.deleteAlarm();
    await this.ctx.storage.deleteAll();
    return true;
  }

  // Inbound

  /** Verifies, reads and stores one request of a provider. What it answers as accepted is on disk. */
  accept(arrival: Arrival): AcceptResult {
    const log = this.#opened();
    const nowMs = this.#now(log);
    const source = log.sources.byTokenHash(arrival.tokenHash, nowMs);
    if (source === null) return { kind: 'unknown-source' };
    const provider = PROVIDERS[source.provider];
    const verdict = provider.verify(arrival, secretsInForce(source, nowMs));
    if (verdict === 'rejected') {
      this.#countRejection(log, source, 'signature', nowMs);
      return { kind: 'bad-signature' };
    }
    const reading = provider.read(arrival, {
      paths: source.paths,
      sourceId: source.id,
      verified: verdict === 'verified',
    });
    switch (reading.kind) {
      case 'malformed':
        this.#countRejection(log, source, 'malformed', nowMs);
        return reading;
      case 'test':
        log.sources.countTest(source.id);
        this.#arm();
        return reading;
      case 'event': {
        const { facts } = reading;
        const dedupe = facts.id === null ? null : digest(source.id, facts.id);
        const seen = dedupe === null ? null : log.events.idOfDuplicate(dedupe);
        if (seen !== null) {
          log.sources.countDuplicate(source.id);
          this.#arm();
          return { kind: 'accepted', id: seen, duplicate: true };
        }
        const place = this.#nextPlace(log, nowMs);
        const sealed = sealProvider(facts, {
          ...place,
          provider: source.provider,
          sourceId: source.id,
          id: facts.id ?? uuidv7(nowMs, randomBytes(10)),
        });
        const contentType = arrival.headers.get('content-type') ?? null;
        const stored = toStored(sealed, place, source.id, facts.event, contentType, arrival.body);
        this.#append(log, stored, dedupe);
        log.sources.countAccepted(source.id, nowMs);
        return { kind: 'accepted', id: place.posthornId, duplicate: false };
      }
    }
  }

  /** Counts a request the edge refused (null: one it only answered). False when there is no such URL. */
  refused(tokenHash: string, rejection: Rejection | null): boolean {
    const log = this.#opened();
    const nowMs = this.#now(log);
    const source = log.sources.byTokenHash(tokenHash, nowMs);
    if (source === null) return false;
    if (rejection !== null) this.#countRejection(log, source, rejection, nowMs);
    return true;
  }

  /** Stores one own event. */
  publish(
    event: PublishedEvent,
    body: Uint8Array,
    contentType: string,
    idempotency: Idempotency | null,
  ): Created<Published> {
    const log = this.#opened();
    const nowMs = this.#now(log);
    const answered = idempotency && log.answers.find<Published>(idempotency, nowMs);
    if (answered !== null) return answered;
    const dedupe = digest('', event.source, event.id);
    const seen = log.events.idOfDuplicate(dedupe);
    if (seen !== null) return { kind: 'created', value: { id: seen, duplicate: true } };
    const place = this.#nextPlace(log, nowMs);
    const stored = toStored(sealOwn(event, place), place, null, event.type, contentType, body);
    const published = { id: place.posthornId, duplicate: false };
    this.#append(log, stored, dedupe);
    if (idempotency !== null) log.answers.remember(idempotency, published, nowMs);
    return { kind: 'created', value: published };
  }

  // Keys

  routeOfKey(hash: string): KeyRoute | null {
    const log = this.#opened();
    const key = log.keys.byHash(hash);
    return key === null ? null : keyRoute(log.ref, key);
  }

  /** The key of that hash if it is good now. */
  liveKey(hash: string): Key | null {
    const key = this.#opened().keys.byHash(hash);
    return key !== null && (key.expiresAtMs === null || key.expiresAtMs > Date.now()) ? key : null;
  }

  /** Makes a key; its text is in the answer only. */
  async createKey(
    name: string,
    role: Role,
    expiresAtMs: number | null,
  ): Promise<{ readonly key: Key; readonly text: string }> {
    const log = this.#opened();
    const [key, text] = this.#change(
      log,
      () => log.keys.create(name, role, expiresAtMs, Date.now()),
      ([made]) => [keyRecordKey(made.hash)],
    );
    await this.#tellCreated(log, () => log.keys.revoke(key.id, Date.now()), [keyRecordKey(key.hash)]);
    return { key, text };
  }

  listKeys({ order, after, limit }: ListQuery): Key[] {
    return this.#opened().keys.list(order, after, limit);
  }

  async revokeKey(id: string): Promise<boolean> {
    const log = this.#opened();
    const key = this.#change(
      log,
      () => log.keys.revoke(id, Date.now()),
      (revoked) => (revoked === null ? [] : [keyRecordKey(revoked.hash)]),
    );
    if (key === null) return false;
    await log.outbox.flush(keyRecordKey(key.hash));
    return true;
  }

  // Sources

  routeOfToken(hash: string): TokenRoute | null {
    const log = this.#opened();
    const source = log.sources.byTokenHash(hash, Date.now());
    return source === null ? null : tokenRoute(log.ref, source);
  }

  /** `secret` null: one is generated where the provider signs. */
  async createSource(source: NewSource, idempotency: Idempotency | null): Promise<Created<Source>> {
    const log = this.#opened();
    const secret = source.secret ?? PROVIDERS[source.provider].newSecret(randomBytes(32));
    return this.#createOnce(
      log,
      idempotency,
      () => log.sources.create({ ...source, secret }, Date.now()),
      (made) => sourceKeys(log, made),
      (made) => log.sources.delete(made.id, Date.now()),
    );
  }

  listSources({ order, after, limit }: ListQuery): Source[] {
    return this.#opened().sources.list(order, after, limit);
  }

  /** Of these ids, those that no source ever had. */
  unknownSources(ids: readonly string[]): string[] {
    const { sources } = this.#opened();
    return ids.filter((id) => !sources.existed(id));
  }

  getSource(id: string): Source | null {
    return this.#opened().sources.get(id);
  }

  async patchSource(id: string, patch: SourcePatch): Promise<Source | null> {
    const log = this.#opened();
    const patched = this.#change(
      log,
      () => log.sources.patch(id, patch),
      (source) => sourceKeys(log, source),
    );
    await log.outbox.flush(...sourceKeys(log, patched));
    return patched;
  }

  /** `secret` null: one is generated. The others stay in force for `overlapMs`. */
  rotateSourceSecret(id: string, secret: string | null, overlapMs: number): Source | null {
    const log = this.#opened();
    const source = log.sources.get(id);
    const text = secret ?? (source && PROVIDERS[source.provider].newSecret(randomBytes(32)));
    // Secrets are in no record: there is nobody to tell.
    return text === null ? null : log.sources.rotateSecret(id, text, overlapMs, Date.now());
  }

  async rotateSourceUrl(id: string, overlapMs: number): Promise<Source | null> {
    const log = this.#opened();
    const before = sourceKeys(log, log.sources.get(id));
    const keysOf = (source: Source | null) => [...new Set([...before, ...sourceKeys(log, source)])];
    const rotated = this.#change(log, () => log.sources.rotateToken(id, overlapMs, Date.now()), keysOf);
    await log.outbox.flush(...keysOf(rotated));
    return rotated;
  }

  async deleteSource(id: string): Promise<boolean> {
    const log = this.#opened();
    const deleted = this.#change(
      log,
      () => log.sources.delete(id, Date.now()),
      (source) => sourceKeys(log, source),
    );
    await log.outbox.flush(...sourceKeys(log, deleted));
    return deleted !== null;
  }

  // Hooks

  async createHook(hook: NewHook, idempotency: Idempotency | null): Promise<Created<HookView>> {
    const log = this.#opened();
    const secret = hook.secret ?? newSecret(randomBytes(32));
    return this.#createOnce(
      log,
      idempotency,
      () => {
        const registration = log.hooks.create(hook, secret, log.lastSeq, Date.now());
        return { registration, runtime: runtimeOfNew(hook.config.paused) };
      },
      ({ registration }) => hookKeys(log, registration.id),
      ({ registration }) => log.hooks.delete(registration.id, log.lastSeq, Date.now()),
    );
  }

  async listHooks(scope: HookScope, { order, after, limit }: ListQuery): Promise<HookView[]> {
    const log = this.#opened();
    return Promise.all(log.hooks.list(scope, order, after, limit).map((hook) => this.#view(log, hook)));
  }

  async getHook(id: number, scope: HookScope): Promise<HookView | null> {
    const log = this.#opened();
    const hook = log.hooks.get(id, scope);
    return hook === null ? null : this.#view(log, hook);
  }

  /** The registration alone, with its secrets; its object is not asked. */
  registration(id: number, scope: HookScope): HookRegistration | null {
    return this.#opened().hooks.get(id, scope);
  }

  /** All of them, by id. */
  registrations(scope: HookScope): HookRegistration[] {
    return this.#opened().hooks.list(scope, 'asc', null, Number.MAX_SAFE_INTEGER);
  }

  /** `relayHost` counts when the URL changes. */
  async patchHook(
    id: number,
    scope: HookScope,
    patch: HookPatch,
    secret: string | null,
    relayHost: string,
  ): Promise<HookView | null> {
    const log = this.#opened();
    const hook = log.hooks.get(id, scope);
    if (hook === null) return null;
    return this.#saveHook(log, hook, patchHook(hook.config, patch), secret ?? hook.secret, relayHost);
  }

  /** Puts a whole config in place of that of `version`; `outdated` when it has changed meanwhile. */
  async replaceHook(
    id: number,
    scope: HookScope,
    version: number,
    config: HookConfig,
    relayHost: string,
  ): Promise<HookView | 'outdated' | null> {
    const log = this.#opened();
    const hook = log.hooks.get(id, scope);
    if (hook === null) return null;
    return hook.version === version ? this.#saveHook(log, hook, config, hook.secret, relayHost) : 'outdated';
  }

  async pauseHook(id: number, scope: HookScope): Promise<HookView | null> {
    return this.patchHook(id, scope, { paused: true }, null, '');
  }

  /** Also re-enables a disabled hook and clears its failure count. */
  async resumeHook(id: number, scope: HookScope): Promise<HookView | null> {
    const resumed = await this.patchHook(id, scope, { paused: false }, null, '');
    if (resumed === null) return null;
    const log = this.#opened();
    return { ...resumed, runtime: await hookOf(this.env, log.ref, id).enable() };
  }

  /** What it was, or null when there is no such hook. */
  async deleteHook(id: number, scope: HookScope): Promise<HookRegistration | null> {
    const log = this.#opened();
    const hook = log.hooks.get(id, scope);
    if (hook === null) return null;
    this.#change(
      log,
      () => log.hooks.delete(id, log.lastSeq, Date.now()),
      () => hookKeys(log, id),
    );
    await log.outbox.flush(...hookKeys(log, id));
    return hook;
  }

  // Reading events

  listEvents(filter: EventFilter, { order, after, limit }: ListQuery): EventPage {
    const log = this.#opened();
    const found = log.events.find(filter, order, after, limit);
    const envelopes: Uint8Array[] = [];
    let bytes = 0;
    for (const seq of found.seqs) {
      const event = log.events.at(seq);
      if (event === null) continue;
      const body = structuredBody(event, event.raw);
      bytes += body.byteLength;
      if (envelopes.length > 0 && bytes > PAGE_BYTES) {
        return { envelopes, nextSeq: order === 'desc' ? seq + 1 : seq - 1 };
      }
      envelopes.push(body);
    }
    return { envelopes, nextSeq: found.nextSeq };
  }

  /** An event with what became of it for the hooks that wanted it, after hook id `afterHook`. */
  async getEvent(id: string, afterHook: number, limit: number): Promise<EventView | null> {
    const log = this.#opened();
    const event = this.#eventById(log, id);
    if (event === null) return null;
    const hookIds = log.hooks.wantedBy(event, afterHook, limit + 1);
    const page = hookIds.slice(0, limit);
    const deliveries = await Promise.all(page.map((hookId) => this.#deliveryOf(log, hookId, event)));
    return {
      envelope: structuredBody(event, event.raw),
      deliveries,
      nextHook: hookIds.length > limit ? (page.at(-1) ?? null) : null,
    };
  }

  /** The same for one hook, also when it did not want the event; `unknown-hook` when there never was such a hook. */
  async explainEvent(id: string, hookId: number): Promise<EventView | 'unknown-event' | 'unknown-hook'> {
    const log = this.#opened();
    const event = this.#eventById(log, id);
    if (event === null) return 'unknown-event';
    const hook = log.hooks.find(hookId);
    if (hook === null) return 'unknown-hook';
    const reason = log.hooks.whySkipped(hook, event);
    const delivery: HookDelivery =
      reason === null
        ? await this.#deliveryOf(log, hookId, event)
        : { hookId, status: 'skipped', attempts: 0, reason };
    return { envelope: structuredBody(event, event.raw), deliveries: [delivery], nextHook: null };
  }

  rawEvent(id: string): { readonly body: Uint8Array; readonly contentType: string | null } | null {
    const event = this.#eventById(this.#opened(), id);
    return event === null ? null : { body: event.raw, contentType: event.contentType };
  }

  /** At most a minute old. */
  async stats(): Promise<TenantStats> {
    const log = this.#opened();
    const nowMs = Date.now();
    if (this.#stats !== null && nowMs - this.#stats.atMs < STATS_AGE_MS) return this.#stats.stats;
    let duplicates = 0;
    for (const source of log.sources.list('asc', null, Number.MAX_SAFE_INTEGER))
      duplicates += source.stats.duplicates;
    const totals = { pending: 0, delivered: 0, dead: 0 };
    const hooks = { active: 0, paused: 0, disabled: 0 };
    let oldestPendingAtMs: number | null = null;
    for (let after: number | null = 0; after !== null;) {
      const page: HookRegistration[] = log.hooks.list(EVERY_HOOK, 'asc', after, HOOKS_ASKED_AT_ONCE);
      const runtimes = await Promise.all(page.map(({ id }) => this.#runtimeOf(log, id)));
      for (const runtime of runtimes) {
        totals.pending += runtime.pending;
        totals.delivered += runtime.delivered;
        totals.dead += runtime.dead;
        hooks[runtime.state] += 1;
        const oldest = runtime.oldestPendingAtMs;
        if (oldest !== null) oldestPendingAtMs = Math.min(oldest, oldestPendingAtMs ?? oldest);
      }
      after = page.at(-1)?.id ?? null;
    }
    const stats = {
      accepted: log.lastSeq,
      duplicates,
      ...totals,
      oldestPendingAtMs,
      oldestEventAtMs: log.events.oldestRecordedAtMs(),
      hooks,
    };
    this.#stats = { atMs: nowMs, stats };
    return stats;
  }

  // The alarm

  /** Never throws: what failed stays in storage, and the alarm is derived from there again. */
  override async alarm(): Promise<void> {
    this.#alarm.fired();
    const log = this.#open;
    if (log === null) return;
    this.#isAwake = true;
    try {
      await log.fanOut.run();
      if (log.sources.flushDueMs() <= Date.now()) this.#flushCountersAlone(log);
      this.#failures = 0;
    } catch (error) {
      this.#failures += 1;
      console.error('event log wake failed', {
        tenant: log.ref.tenant,
        failures: this.#failures,
        error: String(error),
      });
    } finally {
      if (this.#open === log) this.ctx.waitUntil(this.#flushOutbox(log));
      this.#isAwake = false;
      this.#fannedOutAtMs = Date.now();
      this.#arm();
    }
  }

  /** No wake waits for it: events go on while KV fails or one hook object hangs. */
  async #flushOutbox(log: OpenLog): Promise<void> {
    if (log.outbox.isEmpty() || Date.now() < this.#outboxDueMs) return;
    this.#outboxDueMs = Date.now() + OUTBOX_RETRY_MS;
    try {
      await log.outbox.flushSome(OUTBOX_KEYS_PER_WAKE);
      this.#outboxDueMs = 0;
    } catch (error) {
      console.error('outbox flush failed', { tenant: log.ref.tenant, error: String(error) });
    }
    this.#arm();
  }

  /** Sets the alarm by what is still to do. During a wake there is no need: it looks again before it ends. */
  #arm(): void {
    const log = this.#open;
    if (log === null || this.#isAwake) return;
    const nowMs = Date.now();
    const backOffMs = this.#failures === 0 ? 0 : Math.min(FAILURE_RETRY_MAX_MS, 500 * 2 ** this.#failures);
    let dueMs = log.sources.flushDueMs();
    if (log.fanOut.fannedSeq < log.lastSeq) dueMs = Math.min(dueMs, this.#fannedOutAtMs + FAN_OUT_PAUSE_MS);
    dueMs = Math.min(dueMs, log.fanOut.lagDueMs());
    if (!log.outbox.isEmpty()) dueMs = Math.min(dueMs, this.#outboxDueMs);
    if (dueMs !== Infinity) this.#alarm.by(Math.max(dueMs, nowMs + backOffMs));
  }

  // Inner work

  #opened(): OpenLog {
    if (this.#open === null) throw new Error(TENANT_GONE);
    return this.#open;
  }

  #load(): void {
    const closed = this.#sql.exec<{ closed: number }>('SELECT closed FROM tenant').one().closed === 1;
    this.#open = closed ? null : this.#read();
  }

  #read(): OpenLog {
    const sql = this.#sql;
    const ref = sql
      .exec<Record<string, string>>('SELECT tenant, incarnation, jurisdiction FROM tenant')
      .one();
    const tenantRef = ref as unknown as TenantRef;
    const events = new EventStore(sql);
    const countedSeq = readCountedSeq(sql);
    const last = events.last();
    const fannedSeq = sql.exec<{ at: number }>('SELECT fanned_seq AS at FROM progress').one().at;
    const hooks = new Hooks(sql, fannedSeq);
    const log: OpenLog = {
      ref: { ...tenantRef },
      events,
      sources: new Sources(sql, tenantRef.tenant, events, countedSeq),
      keys: new Keys(sql, tenantRef.tenant),
      hooks,
      answers: new IdempotentAnswers(sql),
      outbox: new Outbox(sql, (key) => this.#tellNow(log, key)),
      fanOut: new FanOut(sql, events, hooks, {
        enqueue: (hookId, batch) => hookOf(this.env, log.ref, hookId).enqueue(batch),
        lastSeq: () => log.lastSeq,
        nowMs: () => Date.now(),
        flushCounters: () => this.#flushCounters(log),
      }),
      lastSeq: Math.max(last?.seq ?? 0, fannedSeq),
      lastRecordedAtMs: last?.recordedAtMs ?? 0,
      countedSeq,
    };
    return log;
  }

  /** Times never run backwards in a log, whatever the clock does. */
  #now(log: OpenLog): number {
    return Math.max(Date.now(), log.lastRecordedAtMs);
  }

  #nextPlace(log: OpenLog, recordedAtMs: number) {
    const seq = log.lastSeq + 1;
    return { seq, posthornId: eventId(recordedAtMs, seq, randomBytes(5)), recordedAtMs };
  }

  #append(log: OpenLog, event: StoredEvent, dedupe: Uint8Array | null): void {
    log.events.append(event, dedupe);
    log.lastSeq = event.seq;
    log.lastRecordedAtMs = event.recordedAtMs;
    this.#arm();
  }

  #countRejection(log: OpenLog, source: Source, rejection: Rejection, nowMs: number): void {
    log.sources.countRejection(source.id, rejection, nowMs);
    this.#arm();
  }

  #flushCounters(log: OpenLog): number {
    const nowMs = Date.now();
    if (log.sources.flushDueMs() <= nowMs) log.sources.flush(nowMs);
    // With nothing left to flush the place moves on for free; own events alone would else be read at every start.
    if (log.sources.flushDueMs() === Infinity) log.countedSeq = log.lastSeq;
    return log.countedSeq;
  }

  #flushCountersAlone(log: OpenLog): void {
    this.#sql.exec('UPDATE progress SET counted_seq = ?', this.#flushCounters(log));
  }

  #eventById(log: OpenLog, id: string): StoredEvent | null {
    const seq = seqOfEventId(id);
    const event = seq === null ? null : log.events.at(seq);
    return event?.id === id ? event : null;
  }

  async #deliveryOf(log: OpenLog, hookId: number, event: StoredEvent): Promise<HookDelivery> {
    // Asked first: the event may reach the hook while the answer is on its way.
    const isReached = log.fanOut.hasReached(hookId, event.seq);
    const delivery = await hookOf(this.env, log.ref, hookId).statusOf(event.seq);
    if (delivery !== null) return { hookId, ...delivery };
    // Nothing in the queue: not there yet, or the trace has gone with the hook's retention.
    return { hookId, status: isReached ? 'skipped' : 'pending', attempts: 0, reason: null };
  }

  async #saveHook(
    log: OpenLog,
    hook: HookRegistration,
    config: HookConfig,
    secret: string,
    relayHost: string,
  ): Promise<HookView> {
    const host = config.url === hook.config.url ? hook.relayHost : relayHost;
    const updated = this.#change(
      log,
      () => log.hooks.update(hook, config, secret, host, log.lastSeq, Date.now()),
      () => hookKeys(log, hook.id),
    );
    await log.outbox.flush(...hookKeys(log, hook.id));
    return this.#view(log, updated);
  }

  async #view(log: OpenLog, registration: HookRegistration): Promise<HookView> {
    return { registration, runtime: await this.#runtimeOf(log, registration.id) };
  }

  /** Its object may not know of the hook yet when a crash came in between; then it is told first. */
  async #runtimeOf(log: OpenLog, hookId: number): Promise<HookRuntime> {
    await log.outbox.flush(hookObjectKey(hookId));
    return hookOf(this.env, log.ref, hookId).runtime();
  }

  /**
   * Changes registrations and notes in the same commit under which keys that is to be told. A statement that fails
   * leaves the disk as it was but perhaps not memory: the object then starts over from the disk.
   */
  #change<T>(log: OpenLog, change: () => T, keysOf: (changed: T) => readonly string[]): T {
    // What is there already keeps its due time: the flush of another call may have failed.
    if (log.outbox.isEmpty()) this.#outboxDueMs = Date.now() + OUTBOX_RETRY_MS;
    let changed: T;
    try {
      changed = this.ctx.storage.transactionSync(() => {
        const made = change();
        log.outbox.add(...keysOf(made));
        return made;
      });
    } catch (error) {
      this.ctx.abort(`registration change failed: ${String(error)}`);
      throw error;
    }
    this.#arm();
    return changed;
  }

  /** Makes something once for an idempotency key, and tells of it. Repeated, it answers what it answered. */
  async #createOnce<T extends object>(
    log: OpenLog,
    idempotency: Idempotency | null,
    create: () => T,
    keysOf: (made: T) => readonly string[],
    undo: (made: T) => unknown,
  ): Promise<Created<T>> {
    const answered = idempotency && log.answers.find<T>(idempotency, Date.now());
    if (answered !== null) {
      if (answered.kind === 'mismatch') return answered;
      await log.outbox.flush(...keysOf(answered.value));
      // The call that made it may have failed meanwhile and undone it.
      if (idempotency && log.answers.find(idempotency, Date.now()) === null) {
        throw new Error('what the same call made before could not be told and was undone');
      }
      return answered;
    }
    const remembered = () => {
      const made = create();
      if (idempotency !== null) log.answers.remember(idempotency, made, Date.now());
      return made;
    };
    const made = this.#change(log, remembered, keysOf);
    const forgotten = () => {
      undo(made);
      if (idempotency !== null) log.answers.forget(idempotency);
    };
    await this.#tellCreated(log, forgotten, keysOf(made));
    return { kind: 'created', value: made };
  }

  /** Tells of something new. What could not be told was never there, so that the caller may try again. */
  async #tellCreated(log: OpenLog, undo: () => unknown, keys: readonly string[]): Promise<void> {
    try {
      await log.outbox.flush(...keys);
    } catch (error) {
      this.#change(log, undo, () => keys);
      throw error;
    }
  }

  async #tellNow(log: OpenLog, key: string): Promise<void> {
    // What began before the log closed ends before anything is erased; nothing begins after.
    if (this.#open !== log) throw new Error(TENANT_GONE);
    if (key.startsWith(HOOK_OBJECT)) {
      const hook = log.hooks.find(Number(key.slice(HOOK_OBJECT.length)));
      if (hook !== null) await hookOf(this.env, log.ref, hook.id).configure(log.ref, hook);
      return;
    }
    await writeRecord(this.env.REGISTRY, key, recordOf(log, key, Date.now()));
  }
}

const HOOK_OBJECT = 'object:hook:';

function hookObjectKey(hookId: number): string {
  return `${HOOK_OBJECT}${hookId}`;
}

function hookKeys(log: OpenLog, hookId: number): string[] {
  return [hookObjectKey(hookId), hookRecordKey(log.ref.tenant, hookId)];
}

function sourceKeys(log: OpenLog, source: Source | null): string[] {
  if (source === null) return [];
  return [
    sourceRecordKey(log.ref.tenant, source.id),
    ...source.tokens.map(({ hash }) => tokenRecordKey(hash)),
  ];
}

/** Of a hook that has just been made; its object says the same. */
function runtimeOfNew(paused: boolean): HookRuntime {
  return {
    state: paused ? 'paused' : 'active',
    stateReason: paused ? 'paused' : null,
    pending: 0,
    delivered: 0,
    dead: 0,
    consecutiveFailures: 0,
    oldestPendingAtMs: null,
    lastSuccessAtMs: null,
    lastFailureAtMs: null,
    lastError: null,
  };
}

function toStored(
  sealed: SealedEnvelope,
  place: { seq: number; posthornId: EventId; recordedAtMs: number },
  sourceId: string | null,
  event: string | null,
  contentType: string | null,
  raw: Uint8Array,
): StoredEvent {
  return {
    seq: place.seq,
    id: place.posthornId,
    sourceId,
    type: sealed.type,
    subject: sealed.subject,
    source: sealed.source,
    event,
    recordedAtMs: place.recordedAtMs,
    kind: sealed.kind,
    contentType,
    head: sealed.head,
    raw,
  };
}

/** SHA-256 over the parts, each with its length in front, so that no two lists of parts read alike. */
function digest(...parts: string[]): Uint8Array {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${part.length}:`).update(part);
  return hash.digest();
}

function randomBytes(count: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(count));
}
