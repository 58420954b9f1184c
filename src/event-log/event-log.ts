/**
 * EventLog: one object per tenant. Authority for its registrations, and the durable log of its events. This class holds
 * the parts together and drives what follows an accepted event, at once and from the alarm, which is derived from what
 * storage says is still to do. Who comes in (intake.ts), who is registered (changes.ts and the registrars), who gets what (fan-out.ts) and
 * what became of it (history.ts) know nothing of the alarm.
 */
import { DurableObject } from 'cloudflare:workers';
import type { Attribution } from '../core/audit-chain.ts';
import type { Env } from '../env.ts';
import type { KeyRing } from '../core/sealing.ts';
import { hookOf, TENANT_GONE } from '../registry/address.ts';
import { Alarm, BACK_OFF_MAX_MS, backOffMs, SAFETY_NET_MS } from '../storage/alarm.ts';
import { withDeadline } from '../storage/deadline.ts';
import { GroupCommit } from '../storage/group-commit.ts';
import { isOpened, migrate } from '../storage/migrate.ts';
import { keyRingOf, settingsOf } from '../settings.ts';
import { secretsKeyMissing } from '../storage/unreadable.ts';
import type { Tenant } from '../tenants/tenant.ts';
import { Erasure, type ErasureStep } from './erasure.ts';
import type { Audit } from './audit.ts';
import { Changes } from './changes.ts';
import { ExpungeJobs } from './expunge-jobs.ts';
import { Expunger } from './expunger.ts';
import { CALLS_PER_WAKE, FanOut } from './fan-out.ts';
import { Healing } from './healing.ts';
import { History } from './history.ts';
import type { HookStanding } from '../hook/reports.ts';
import { HookRegistrar } from './hook-registrar.ts';
import { ANY_HOOK, HookViews, type HookFilter } from './hook-views.ts';
import type { HookScope } from './hook-scope.ts';
import type { ListQuery } from './list-query.ts';
import { Importing, presentIn, undoImport } from './importing.ts';
import { Intake } from './intake.ts';
import { KeyRegistrar } from './key-registrar.ts';
import { metricsOf } from './metrics.ts';
import { OpenLog } from './open-log.ts';
import { OwnEvents } from './own-events.ts';
import type { Quotas } from './refused.ts';
import { registrationLines } from './registration-lines.ts';
import { Replays } from './replays.ts';
import type { ExportHead, ImportResult } from './restored.ts';
import { Retention, type RetentionHost } from './retention.ts';
import { EVENT_LOG_MIGRATIONS } from './schema.ts';
import { Reencryption } from './reencryption.ts';
import { missingKeys, noteSealingKey } from './sealed-under.ts';
import { SourceRegistrar } from './source-registrar.ts';
import { Tail } from './tail.ts';
import { HOOK_OBJECT, hookObjectKey, Telling } from './telling.ts';
import { hooksToAsk, type HooksToAskQuery } from './trouble.ts';

/**
 * A round of the fan-out costs rows for alarm and progress, whatever it brings. So the pause after one grows with what
 * it brought: an event that comes alone is brought at once, a flood in few rounds.
 */
const PAUSE_PER_EVENT_MS = 5;
const PAUSE_MAX_MS = 50;
/** An arrival so soon after another one is one of many. */
const CROWDED_MS = 2;
/** Of a wake's calls to hooks so many are kept for retention and expunging while they have something to do. */
const UPKEEP_CALLS_PER_WAKE = 8;
const MS_PER_DAY = 86_400_000;

interface Parts {
  readonly log: OpenLog;
  readonly changes: Changes;
  readonly keys: KeyRegistrar;
  readonly sources: SourceRegistrar;
  readonly hooks: HookRegistrar;
  readonly fanOut: FanOut;
  readonly intake: Intake;
  readonly own: OwnEvents;
  readonly views: HookViews;
  readonly healing: Healing;
  readonly history: History;
  readonly expunger: Expunger;
  readonly expungeJobs: ExpungeJobs;
  readonly retention: Retention;
  readonly reencryption: Reencryption;
  readonly replays: Replays;
  readonly tail: Tail;
}

export class EventLog extends DurableObject<Env> {
  /** What is due starts without waiting for the alarm. Tests of single steps run the alarm themselves. */
  readonly isEager: boolean = true;
  /** Of the 10 GB of an object. */
  readonly objectMaxBytes: number = 9_700_000_000;
  /** For what upkeep asks of a hook. */
  readonly callDeadlineMs: number = 10_000;
  readonly #sql: SqlStorage;
  readonly #alarm: Alarm;
  #open: Parts | null = null;
  /** The log as it was when it closed: what it has begun to tell must end before anything is erased. */
  #closed: Parts | null = null;
  #erasure: Erasure | null = null;
  /** Why it cannot be read: its secrets are sealed under a key that is not here. Nothing is written then. */
  #locked: Error | null = null;
  #isAwake = false;
  #isImporting = false;
  /** The latest round; never rejects. */
  #round: Promise<void> = Promise.resolve();
  #nextRound: ReturnType<typeof setTimeout> | null = null;
  #failures = 0;
  #nextRoundMs = 0;
  readonly #arrivals = new GroupCommit();
  #lastArrivalMs = -Infinity;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#sql = ctx.storage.sql;
    this.#alarm = new Alarm(ctx.storage, () => Date.now());
    void ctx.blockConcurrencyWhile(async () => {
      await this.#alarm.load();
      if (!isOpened(this.#sql)) return;
      migrate(ctx.storage, EVENT_LOG_MIGRATIONS);
      undoImport(ctx.storage);
      this.#load();
      this.#arm(false);
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

  // What others call: each line is documented where it is done.

  /** Of many that come in close together several share a commit; one that comes alone waits for nobody. */
  async accept(...args: Parameters<Intake['accept']>) {
    const nowMs = Date.now();
    const isCrowded = nowMs - this.#lastArrivalMs <= CROWDED_MS;
    this.#lastArrivalMs = nowMs;
    if (isCrowded || this.#arrivals.isGathering) await this.#arrivals.join();
    return this.#parts().intake.accept(...args);
  }
  greet(...args: Parameters<Intake['greet']>) {
    return this.#parts().intake.greet(...args);
  }
  refused(...args: Parameters<Intake['refused']>) {
    return this.#parts().intake.refused(...args);
  }
  refusals(...args: Parameters<Intake['refusals']>) {
    return this.#parts().intake.refusals(...args);
  }
  announce(...args: Parameters<OwnEvents['announce']>) {
    this.#parts().own.announce(...args);
  }
  publish(...args: Parameters<OwnEvents['publish']>) {
    return this.#parts().own.publish(...args);
  }
  publishAll(...args: Parameters<OwnEvents['publishAll']>) {
    return this.#parts().own.publishAll(...args);
  }

  signal(...args: Parameters<OwnEvents['signal']>) {
    return this.#parts().own.signal(...args);
  }

  routeOfKey(...args: Parameters<KeyRegistrar['routeOfKey']>) {
    return this.#parts().keys.routeOfKey(...args);
  }
  liveKey(...args: Parameters<KeyRegistrar['liveKey']>) {
    return this.#parts().keys.liveKey(...args);
  }
  listening(...args: Parameters<KeyRegistrar['listening']>) {
    return this.#parts().keys.listening(...args);
  }
  createKey(...args: Parameters<KeyRegistrar['createKey']>) {
    return this.#parts().keys.createKey(...args);
  }
  listKeys(...args: Parameters<KeyRegistrar['listKeys']>) {
    return this.#parts().keys.listKeys(...args);
  }
  async revokeKey(...args: Parameters<KeyRegistrar['revokeKey']>) {
    const { keys, tail } = this.#parts();
    const isRevoked = await keys.revokeKey(...args);
    tail.dropRevoked();
    return isRevoked;
  }
  routeOfToken(...args: Parameters<SourceRegistrar['routeOfToken']>) {
    return this.#parts().sources.routeOfToken(...args);
  }
  createSource(...args: Parameters<SourceRegistrar['createSource']>) {
    return this.#parts().sources.createSource(...args);
  }
  listSources(...args: Parameters<SourceRegistrar['listSources']>) {
    return this.#parts().sources.listSources(...args);
  }
  unknownSources(...args: Parameters<SourceRegistrar['unknownSources']>) {
    return this.#parts().sources.unknownSources(...args);
  }
  getSource(...args: Parameters<SourceRegistrar['getSource']>) {
    return this.#parts().sources.getSource(...args);
  }
  patchSource(...args: Parameters<SourceRegistrar['patchSource']>) {
    return this.#parts().sources.patchSource(...args);
  }
  readSource(...args: Parameters<SourceRegistrar['readSource']>) {
    return this.#parts().sources.readSource(...args);
  }
  siteFor(...args: Parameters<SourceRegistrar['siteFor']>) {
    return this.#parts().sources.siteFor(...args);
  }
  hasSite() {
    return this.#parts().sources.hasSite();
  }
  rotateSourceSecret(...args: Parameters<SourceRegistrar['rotateSourceSecret']>) {
    return this.#parts().sources.rotateSourceSecret(...args);
  }
  rotateSourceUrl(...args: Parameters<SourceRegistrar['rotateSourceUrl']>) {
    return this.#parts().sources.rotateSourceUrl(...args);
  }
  deleteSource(...args: Parameters<SourceRegistrar['deleteSource']>) {
    return this.#parts().sources.deleteSource(...args);
  }
  createHook(...args: Parameters<HookRegistrar['createHook']>) {
    return this.#parts().hooks.createHook(...args);
  }
  getHook(...args: Parameters<HookRegistrar['getHook']>) {
    return this.#parts().hooks.getHook(...args);
  }
  registration(...args: Parameters<HookRegistrar['registration']>) {
    return this.#parts().hooks.registration(...args);
  }
  readHook(...args: Parameters<HookRegistrar['readHook']>) {
    return this.#parts().hooks.readHook(...args);
  }
  registrationPage(...args: Parameters<HookRegistrar['registrationPage']>) {
    return this.#parts().hooks.registrationPage(...args);
  }
  hookPage(scope: HookScope, query: ListQuery, filter: HookFilter = ANY_HOOK) {
    return this.#parts().views.page(scope, query, filter);
  }
  metrics() {
    const { log, views } = this.#parts();
    return metricsOf(log, views);
  }
  /** Who is to be asked for deliveries next, when those of all hooks are listed. */
  hooksToAsk(scope: HookScope, ...query: HooksToAskQuery) {
    return hooksToAsk(this.#parts().views, scope, ...query);
  }
  /** Called by a hook that stands otherwise than it last said. Of an erased tenant nobody wants to know. */
  report(hookId: number, standing: HookStanding): void {
    const log = this.#open?.log;
    if (log?.hooks.rows.isLiving(hookId) === true) log.summaries.told(hookId, standing);
  }
  patchHook(...args: Parameters<HookRegistrar['patchHook']>) {
    return this.#parts().hooks.patchHook(...args);
  }
  rotateHookSecret(...args: Parameters<HookRegistrar['rotateHookSecret']>) {
    return this.#parts().hooks.rotateHookSecret(...args);
  }
  publicKeys(...args: Parameters<HookRegistrar['publicKeys']>) {
    return this.#parts().hooks.publicKeys(...args);
  }
  retryDelivery(...args: Parameters<HookRegistrar['retryDelivery']>) {
    return this.#parts().hooks.retryDelivery(...args);
  }
  replaceHook(...args: Parameters<HookRegistrar['replaceHook']>) {
    return this.#parts().hooks.replaceHook(...args);
  }
  pauseHook(...args: Parameters<HookRegistrar['pauseHook']>) {
    return this.#parts().hooks.pauseHook(...args);
  }
  resumeHook(...args: Parameters<HookRegistrar['resumeHook']>) {
    return this.#parts().hooks.resumeHook(...args);
  }
  deleteHook(...args: Parameters<HookRegistrar['deleteHook']>) {
    return this.#parts().hooks.deleteHook(...args);
  }
  listEvents(...args: Parameters<History['listEvents']>) {
    return this.#parts().history.listEvents(...args);
  }
  getEvent(...args: Parameters<History['getEvent']>) {
    return this.#parts().history.getEvent(...args);
  }
  explainEvent(...args: Parameters<History['explainEvent']>) {
    return this.#parts().history.explainEvent(...args);
  }
  rawEvent(...args: Parameters<History['rawEvent']>) {
    return this.#parts().history.rawEvent(...args);
  }
  tryFilters(...args: Parameters<History['tryFilters']>) {
    return this.#parts().history.tryFilters(...args);
  }
  templateInput(...args: Parameters<History['templateInput']>) {
    return this.#parts().history.templateInput(...args);
  }
  expunge(...args: Parameters<Expunger['expunge']>) {
    return this.#parts().expunger.expunge(...args);
  }
  audited(...args: Parameters<Audit['add']>) {
    this.#parts().log.audit.add(...args);
  }
  auditPage(...args: Parameters<Audit['page']>) {
    return this.#parts().log.audit.page(...args);
  }
  verifyAudit(...args: Parameters<Audit['verify']>) {
    return this.#parts().log.audit.verify(...args);
  }
  beginExpunge(...args: Parameters<ExpungeJobs['begin']>) {
    return this.#parts().expungeJobs.begin(...args);
  }
  expungeJob(...args: Parameters<ExpungeJobs['get']>) {
    return this.#parts().expungeJobs.get(...args);
  }
  sweep() {
    const { retention, log } = this.#parts();
    retention.sweep();
    const reading = settingsOf(this.env);
    if (!reading.ok) return;
    this.ctx.waitUntil(log.audit.dropOld(Date.now() - reading.settings.auditDays * MS_PER_DAY));
  }
  exportRegistrations() {
    return registrationLines(this.#parts().log);
  }
  exportHead(): ExportHead {
    const { ref, lastSeq } = this.#parts().log;
    return { tenant: ref.tenant, incarnation: ref.incarnation, lastSeq };
  }
  exportEvents(...args: Parameters<History['exportEvents']>) {
    return this.#parts().history.exportEvents(...args);
  }
  reencrypt() {
    return this.#parts().reencryption.run();
  }
  stats() {
    return this.#parts().history.stats();
  }

  replayRange(...args: Parameters<Replays['replayRange']>) {
    return this.#parts().replays.replayRange(...args);
  }
  eventsAt(...args: Parameters<Replays['eventsAt']>) {
    return this.#parts().replays.eventsAt(...args);
  }
  wantedBy(...args: Parameters<Replays['wantedBy']>) {
    return this.#parts().replays.wantedBy(...args);
  }

  // Import

  /** What stands in the way of an import; null: nothing. */
  presentForImport(): string | null {
    this.#parts();
    return presentIn(this.#sql);
  }

  /**
   * Puts an export back; see importing.ts. Nothing else of the log is open meanwhile. The stream is of lines that were
   * checked (http/native/import-lines.ts).
   */
  async importLines(lines: ReadableStream<Uint8Array>, by: Attribution): Promise<ImportResult> {
    const { changes, log } = this.#parts();
    this.#open = null;
    this.#isImporting = true;
    try {
      await Promise.all([changes.settled(), this.#round]);
      const what = presentIn(this.#sql);
      if (what !== null) return { kind: 'not-empty', what };
      const importing = new Importing(this.ctx.storage, this.#quotas(), log.vault.ring);
      const unfit = await importing.read(lines);
      return unfit ?? { kind: 'imported', ...importing.commit(by) };
    } finally {
      // Takes away nothing of an import that was committed.
      undoImport(this.ctx.storage);
      this.#isImporting = false;
      this.#load();
      this.#arm(false);
    }
  }

  // Viewers

  attempted(...args: Parameters<Tail['attempted']>) {
    return this.#parts().tail.attempted(...args);
  }

  /** Connects who watches. An upgrade goes by `fetch`: RPC carries none. */
  override fetch(request: Request): Response {
    const answer = this.#parts().tail.connect(request);
    this.#arm(false);
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

  // The alarm

  /** Sees a round through that is under way: should the process end before, the runtime runs the alarm again. */
  override async alarm(): Promise<void> {
    this.#alarm.fired();
    // What it has to do waits for the key: a relay that is started with it reads the log again.
    if (this.#locked !== null) this.#alarm.by(Date.now() + BACK_OFF_MAX_MS);
    if (!this.#isAwake) this.#start();
    await this.#round;
  }

  #start(): void {
    this.#round = this.#runRound();
  }

  /** Never throws: what failed stays in storage, and the alarm is derived from there again. */
  async #runRound(): Promise<void> {
    const parts = this.#open;
    if (parts === null) return;
    const { log, own, fanOut, changes, retention } = parts;
    this.#isAwake = true;
    const { fannedSeq } = fanOut;
    let calls = 0;
    let left = 0;
    try {
      const kept = upkeepDueMs(parts) === Infinity ? 0 : UPKEEP_CALLS_PER_WAKE;
      calls = kept;
      left = await fanOut.run(CALLS_PER_WAKE - kept);
      calls += left;
      if (log.flushDueMs() <= Date.now()) fanOut.saveCounters();
      log.sources.expiries.tell(log, own, Date.now());
      retention.look();
      parts.tail.dropRevoked();
      this.#failures = 0;
    } catch (error) {
      this.#wakeFailed(log, error);
    }
    // No wake waits for these: events go on while KV fails or one hook object hangs.
    if (this.#open === parts) {
      this.ctx.waitUntil(changes.flush());
      this.ctx.waitUntil(this.#keepUp(parts, calls));
    }
    this.#isAwake = false;
    const pauseMs = Math.min(PAUSE_MAX_MS, PAUSE_PER_EVENT_MS * (fanOut.fannedSeq - fannedSeq));
    this.#nextRoundMs = Date.now() + pauseMs;
    try {
      this.#arm(left > 0);
    } catch (error) {
      this.#wakeFailed(log, error);
      // Where storage fails it cannot say what is due: it is asked again later, however often.
      this.#alarm.by(Date.now() + BACK_OFF_MAX_MS);
    }
  }

  /** Throws nothing: what is still to do stays in storage, and the next wake goes on with it. */
  async #keepUp(
    { log, expunger, expungeJobs, reencryption, retention, healing }: Parts,
    calls: number,
  ): Promise<void> {
    try {
      const left = await expunger.goOn(calls);
      expungeJobs.goOn();
      reencryption.goOn();
      await retention.goOn(await healing.goOn(left));
    } catch (error) {
      this.#wakeFailed(log, error);
    }
  }

  #wakeFailed(log: OpenLog, error: unknown): void {
    this.#failures += 1;
    console.error('event log wake failed', {
      tenant: log.ref.tenant,
      failures: this.#failures,
      error: String(error),
    });
  }

  /**
   * Starts the next round of the fan-out, if it may, and sets the alarm by what is still to do. During a round there is
   * no need: it looks again before it ends.
   */
  #arm(mayStart = true): void {
    if (this.#open === null || this.#isAwake) return;
    const { log, fanOut, changes } = this.#open;
    const nowMs = Date.now();
    const { isBehind } = fanOut;
    const isStarted = isBehind && mayStart && this.isEager && this.#failures === 0;
    // A clock that was set back makes no pause longer.
    const nextRoundMs = Math.min(this.#nextRoundMs, nowMs + PAUSE_MAX_MS);
    const roundDueMs = isStarted ? Math.max(nextRoundMs, nowMs) + SAFETY_NET_MS : nextRoundMs;
    const dueMs = Math.min(
      // A round that starts takes them along.
      isStarted ? Infinity : log.flushDueMs(),
      log.sources.expiries.dueMs(),
      fanOut.lagDueMs(),
      changes.dueMs(),
      upkeepDueMs(this.#open),
      this.#open.tail.dueMs(),
      isBehind ? roundDueMs : Infinity,
    );
    if (dueMs !== Infinity) this.#alarm.by(Math.max(dueMs, nowMs + backOffMs(this.#failures)));
    if (isStarted) this.#startAt(nextRoundMs, nowMs);
  }

  #startAt(atMs: number, nowMs: number): void {
    if (atMs <= nowMs) this.#start();
    else
      this.#nextRound ??= setTimeout(() => {
        this.#nextRound = null;
        if (!this.#isAwake) this.#start();
      }, atMs - nowMs);
  }

  #parts(): Parts {
    if (this.#locked !== null) throw this.#locked;
    if (this.#isImporting) throw new Error('an import is under way');
    if (this.#open === null) throw new Error(TENANT_GONE);
    return this.#open;
  }

  #load(): void {
    const closed = this.#sql.exec<{ closed: number }>('SELECT closed FROM tenant').one().closed === 1;
    const ring = keyRingOf(this.env);
    const missing = closed || ring === null ? [] : missingKeys(this.#sql, ring);
    this.#locked =
      !closed && (ring === null || missing.length > 0) ? secretsKeyMissing(ring && missing) : null;
    this.#open = closed || ring === null || this.#locked !== null ? null : this.#read(ring);
  }

  #read(ring: KeyRing): Parts {
    noteSealingKey(this.#sql, ring);
    // A round of the fan-out starts in the call that brings an event. Upkeep may have used up its invocation's calls.
    const arrived = () => {
      tail.arrived();
      this.#arm();
    };
    const changed = () => {
      this.#arm(false);
    };
    const log = new OpenLog(this.#sql, (work) => this.ctx.storage.transactionSync(work), ring);
    const tail = new Tail(this.ctx, log, (hookId) => hookOf(this.env, log.ref, hookId).watch());
    const isOpen = () => this.#open?.log === log;
    const env = () => this.env;
    const quotas = () => this.#quotas();
    const telling = new Telling(log, env);
    const changes = new Changes(this.ctx, { tellPresent: (key) => telling.present(key), changed, isOpen });
    const keys = new KeyRegistrar(log, changes, telling, quotas);
    const sources = new SourceRegistrar(log, changes, telling, quotas);
    const hooks = new HookRegistrar(log, changes, telling, env, quotas);
    const fanOut = new FanOut(this.#sql, log.events, log.hooks, {
      enqueue: async (hookId, batch) => {
        log.offered.note(hookId);
        // While a deployment goes on an object may still run older code, which answers nothing.
        const standing = (await hookOf(this.env, log.ref, hookId).enqueue(batch)) as HookStanding | undefined;
        if (standing === undefined) return;
        // What is brought to one that lags is followed by no row of a round.
        if (fanOut.isLagging(hookId)) log.summaries.told(hookId, standing);
        else log.summaries.foreseen(hookId, standing, Date.now());
      },
      lastSeq: () => log.lastSeq,
      nowMs: () => Date.now(),
      flushCounters: () => log.flushCounters(),
      changed,
    });
    const own = new OwnEvents(log, arrived);
    const intake = new Intake(log, own, arrived);
    const ask = (hookId: number) => hooks.standingOf(hookId);
    const views = new HookViews(log, { ask, nowMs: () => Date.now() });
    const healing = new Healing(log, {
      ask: (hookId) => withDeadline(ask(hookId), this.callDeadlineMs),
      changed,
    });
    const history = new History(env, log, fanOut, views);
    const expunger = new Expunger(this.ctx.storage, log, {
      tellHook: (hookId, seq) => hookOf(this.env, log.ref, hookId).expunge(seq),
      changed,
    });
    const expungeJobs = new ExpungeJobs(this.ctx.storage, log, expunger);
    const retention = new Retention(log, fanOut, {
      limits: () => this.#limits(),
      purgeHook: (hookId, beforeSeq, tellFrom) => {
        const hook = hookOf(this.env, log.ref, hookId);
        // Where nothing is old the call does no more than wake the hook: its alarm, should it be lost, is set then.
        return tellFrom === null && beforeSeq > 1
          ? hook.purge(beforeSeq)
          : hook.pendingBelow(tellFrom ?? 0, beforeSeq);
      },
      eraseHook: (hookId) => hooks.eraseHook(hookId),
      databaseBytes: () => this.#sql.databaseSize,
      changed,
    });
    const replays = new Replays(log, fanOut);
    const reencryption = new Reencryption(this.#sql, log, {
      transaction: (work) => {
        this.ctx.storage.transactionSync(work);
      },
      noteTelling: (hookId) => {
        changes.note(hookObjectKey(hookId));
      },
      untold: () => changes.countNoted(HOOK_OBJECT),
      changed,
    });
    return {
      log,
      changes,
      keys,
      sources,
      hooks,
      fanOut,
      intake,
      own,
      views,
      healing,
      history,
      expunger,
      expungeJobs,
      retention,
      reencryption,
      replays,
      tail,
    };
  }

  /** Where settings are wrong the edge lets nothing through. */
  #quotas(): Quotas {
    const reading = settingsOf(this.env);
    if (!reading.ok) return { hooks: 0, sources: 0, keys: 0 };
    const { maxHooks, maxSources, maxKeys } = reading.settings;
    return { hooks: maxHooks, sources: maxSources, keys: maxKeys };
  }

  /** Where settings are wrong the relay answers nothing, and deletes nothing. */
  #limits(): ReturnType<RetentionHost['limits']> {
    const reading = settingsOf(this.env);
    const { objectMaxBytes, callDeadlineMs: deadlineMs } = this;
    if (!reading.ok)
      return { retentionMs: Infinity, logMaxBytes: Infinity, objectMaxBytes: Infinity, deadlineMs };
    const { retentionDays, logMaxBytes } = reading.settings;
    return { retentionMs: retentionDays * MS_PER_DAY, logMaxBytes, objectMaxBytes, deadlineMs };
  }
}

function upkeepDueMs({ expunger, expungeJobs, reencryption, retention, healing }: Parts): number {
  return Math.min(
    expunger.dueMs(),
    expungeJobs.dueMs(),
    reencryption.dueMs(),
    retention.dueMs(),
    healing.dueMs(),
  );
}
