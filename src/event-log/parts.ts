/** The parts of an open log, and what each of them needs of the others. What they do is theirs alone. */
import type { KeyRing } from '../core/sealing.ts';
import type { EventLogEnv } from './env.ts';
import type { HookStanding } from '../hook/reports.ts';
import { hookOf } from '../registry/address.ts';
import { withDeadline } from '../storage/deadline.ts';
import { quotasOf, retentionOf } from './bounds.ts';
import { Changes } from './changes.ts';
import { ExpungeJobs } from './expunge-jobs.ts';
import { Expunger } from './expunger.ts';
import { FanOut } from './fan-out.ts';
import { Healing } from './healing.ts';
import { History } from './history.ts';
import { HookReader } from './hook-reader.ts';
import { HookRegistrar } from './hook-registrar.ts';
import { HookViews } from './hook-views.ts';
import { Intake } from './intake.ts';
import { KeyRegistrar } from './key-registrar.ts';
import { OpenLog } from './open-log.ts';
import { OwnEvents } from './own-events.ts';
import { Reencryption } from './reencryption.ts';
import { Replays } from './replays.ts';
import { Retention, type RetentionHost } from './retention.ts';
import { noteSealingKey } from './sealed-under.ts';
import type { HoursOf } from './series.ts';
import { SourceRegistrar } from './source-registrar.ts';
import { Tail } from './tail.ts';
import { HOOK_OBJECT, hookObjectKey, Telling } from './telling.ts';

export interface Parts {
  readonly log: OpenLog;
  readonly changes: Changes;
  readonly keys: KeyRegistrar;
  readonly sources: SourceRegistrar;
  readonly hookReader: HookReader;
  readonly hooks: HookRegistrar;
  readonly fanOut: FanOut;
  readonly intake: Intake;
  readonly own: OwnEvents;
  readonly views: HookViews;
  readonly healing: Healing;
  readonly history: History;
  readonly hoursOf: HoursOf;
  readonly expunger: Expunger;
  readonly expungeJobs: ExpungeJobs;
  readonly retention: Retention;
  readonly reencryption: Reencryption;
  readonly replays: Replays;
  readonly tail: Tail;
}

/** What the parts need of their object. */
export interface PartsHost {
  env(): EventLogEnv;
  /** Something has changed: what is due is looked up again, and `mayStart` a round starts with it. */
  arm(mayStart?: boolean): void;
  /** False once another log has taken the place of this one. */
  isOpen(log: OpenLog): boolean;
  limits(): Pick<ReturnType<RetentionHost['limits']>, 'objectMaxBytes' | 'deadlineMs'>;
}

export function openParts(ctx: DurableObjectState, ring: KeyRing, host: PartsHost): Parts {
  const { storage } = ctx;
  const { sql } = storage;
  noteSealingKey(sql, ring);
  // A round of the fan-out starts in the call that brings an event. Upkeep may have used up its invocation's calls.
  const arrived = () => {
    tail.arrived();
    host.arm();
  };
  const changed = () => {
    host.arm(false);
  };
  const log = new OpenLog(sql, (work) => storage.transactionSync(work), ring);
  const tail = new Tail(ctx, log, (hookId) => hookOf(host.env(), log.ref, hookId).watch());
  const isOpen = () => host.isOpen(log);
  const env = () => host.env();
  const quotas = () => quotasOf(host.env());
  const telling = new Telling(log, env);
  const changes = new Changes(ctx, { tellPresent: (key) => telling.present(key), changed, isOpen });
  const keys = new KeyRegistrar(log, changes, telling, quotas);
  const sources = new SourceRegistrar(log, changes, telling, quotas);
  const hookReader = new HookReader(log, changes, env);
  const hooks = new HookRegistrar(log, changes, telling, hookReader, env, quotas);
  const fanOut = new FanOut(sql, log.events, log.hooks, {
    enqueue: async (hookId, batch) => {
      log.offered.note(hookId);
      // While a deployment goes on an object may still run older code, which answers nothing.
      const standing = (await hookOf(host.env(), log.ref, hookId).enqueue(batch)) as HookStanding | undefined;
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
  const ask = (hookId: number) => hookReader.standingOf(hookId);
  const views = new HookViews(log, { ask, nowMs: () => Date.now() });
  const healing = new Healing(log, {
    ask: (hookId) => withDeadline(ask(hookId), host.limits().deadlineMs),
    changed,
  });
  const history = new History(env, log, fanOut, views);
  const hoursOf: HoursOf = (hookId, fromHour, toHour) =>
    withDeadline(hookOf(host.env(), log.ref, hookId).hours(fromHour, toHour), host.limits().deadlineMs);
  const expunger = new Expunger(storage, log, {
    tellHook: (hookId, seq) => hookOf(host.env(), log.ref, hookId).expunge(seq),
    changed,
  });
  const expungeJobs = new ExpungeJobs(storage, log, expunger);
  const retention = new Retention(log, fanOut, {
    limits: () => ({ ...retentionOf(host.env()), ...host.limits() }),
    purgeHook: (hookId, beforeSeq, tellFrom) => {
      const hook = hookOf(host.env(), log.ref, hookId);
      // Where nothing is old the call does no more than wake the hook: its alarm, should it be lost, is set then.
      return tellFrom === null && beforeSeq > 1
        ? hook.purge(beforeSeq)
        : hook.pendingBelow(tellFrom ?? 0, beforeSeq);
    },
    eraseHook: (hookId) => hooks.eraseHook(hookId),
    databaseBytes: () => sql.databaseSize,
    changed,
  });
  const replays = new Replays(log, fanOut);
  const reencryption = new Reencryption(sql, log, {
    transaction: (work) => {
      storage.transactionSync(work);
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
    hookReader,
    hooks,
    fanOut,
    intake,
    own,
    views,
    healing,
    history,
    hoursOf,
    expunger,
    expungeJobs,
    retention,
    reencryption,
    replays,
    tail,
  };
}

/** When one of those is due that wait for no event; Infinity: none is. */
export function upkeepDueMs({ expunger, expungeJobs, reencryption, retention, healing }: Parts): number {
  return Math.min(
    expunger.dueMs(),
    expungeJobs.dueMs(),
    reencryption.dueMs(),
    retention.dueMs(),
    healing.dueMs(),
  );
}
