/**
 * What others call of an event log, each line documented where it is done. None of it works before the tenant is opened,
 * nor after it was erased.
 */
import { DurableObject } from 'cloudflare:workers';
import type { EventLogEnv } from './env.ts';
import type { Audit } from './audit.ts';
import { auditMsOf } from './bounds.ts';
import type { ExpungeJobs } from './expunge-jobs.ts';
import type { Expunger } from './expunger.ts';
import type { History } from './history.ts';
import type { HookReader } from './hook-reader.ts';
import type { HookRegistrar } from './hook-registrar.ts';
import type { HookScope } from './hook-scope.ts';
import { ANY_HOOK, type HookFilter } from './hook-views.ts';
import type { Intake } from './intake.ts';
import type { KeyRegistrar } from './key-registrar.ts';
import type { ListQuery } from './list-query.ts';
import { metricsOf } from './metrics.ts';
import type { OwnEvents } from './own-events.ts';
import type { Parts } from './parts.ts';
import { registrationLines } from './registration-lines.ts';
import type { Replays } from './replays.ts';
import type { ExportHead } from './restored.ts';
import { seriesOf, type SeriesQuery } from './series.ts';
import type { SourceRegistrar } from './source-registrar.ts';
import type { Tail } from './tail.ts';
import { hooksToAsk, type HooksToAskQuery } from './trouble.ts';

export abstract class EventLogCalls extends DurableObject<EventLogEnv> {
  /** Throws where there is no open log. A member of the instance, as RPC reaches what its class has alone. */
  protected abstract readonly parts: () => Parts;

  greet(...args: Parameters<Intake['greet']>) {
    return this.parts().intake.greet(...args);
  }
  refused(...args: Parameters<Intake['refused']>) {
    return this.parts().intake.refused(...args);
  }
  refusals(...args: Parameters<Intake['refusals']>) {
    return this.parts().intake.refusals(...args);
  }
  announce(...args: Parameters<OwnEvents['announce']>) {
    this.parts().own.announce(...args);
  }
  publish(...args: Parameters<OwnEvents['publish']>) {
    return this.parts().own.publish(...args);
  }
  publishAll(...args: Parameters<OwnEvents['publishAll']>) {
    return this.parts().own.publishAll(...args);
  }

  signal(...args: Parameters<OwnEvents['signal']>) {
    return this.parts().own.signal(...args);
  }

  routeOfKey(...args: Parameters<KeyRegistrar['routeOfKey']>) {
    return this.parts().keys.routeOfKey(...args);
  }
  liveKey(...args: Parameters<KeyRegistrar['liveKey']>) {
    return this.parts().keys.liveKey(...args);
  }
  listening(...args: Parameters<KeyRegistrar['listening']>) {
    return this.parts().keys.listening(...args);
  }
  createKey(...args: Parameters<KeyRegistrar['createKey']>) {
    return this.parts().keys.createKey(...args);
  }
  listKeys(...args: Parameters<KeyRegistrar['listKeys']>) {
    return this.parts().keys.listKeys(...args);
  }
  async revokeKey(...args: Parameters<KeyRegistrar['revokeKey']>) {
    const { keys, tail } = this.parts();
    const isRevoked = await keys.revokeKey(...args);
    tail.dropRevoked();
    return isRevoked;
  }
  routeOfToken(...args: Parameters<SourceRegistrar['routeOfToken']>) {
    return this.parts().sources.routeOfToken(...args);
  }
  createSource(...args: Parameters<SourceRegistrar['createSource']>) {
    return this.parts().sources.createSource(...args);
  }
  listSources(...args: Parameters<SourceRegistrar['listSources']>) {
    return this.parts().sources.listSources(...args);
  }
  unknownSources(...args: Parameters<SourceRegistrar['unknownSources']>) {
    return this.parts().sources.unknownSources(...args);
  }
  getSource(...args: Parameters<SourceRegistrar['getSource']>) {
    return this.parts().sources.getSource(...args);
  }
  patchSource(...args: Parameters<SourceRegistrar['patchSource']>) {
    return this.parts().sources.patchSource(...args);
  }
  readSource(...args: Parameters<SourceRegistrar['readSource']>) {
    return this.parts().sources.readSource(...args);
  }
  siteFor(...args: Parameters<SourceRegistrar['siteFor']>) {
    return this.parts().sources.siteFor(...args);
  }
  hasSite() {
    return this.parts().sources.hasSite();
  }
  rotateSourceSecret(...args: Parameters<SourceRegistrar['rotateSourceSecret']>) {
    return this.parts().sources.rotateSourceSecret(...args);
  }
  confirmedSource(...args: Parameters<SourceRegistrar['confirmed']>) {
    this.parts().sources.confirmed(...args);
  }
  rotateSourceUrl(...args: Parameters<SourceRegistrar['rotateSourceUrl']>) {
    return this.parts().sources.rotateSourceUrl(...args);
  }
  deleteSource(...args: Parameters<SourceRegistrar['deleteSource']>) {
    return this.parts().sources.deleteSource(...args);
  }
  createHook(...args: Parameters<HookRegistrar['createHook']>) {
    return this.parts().hooks.createHook(...args);
  }
  getHook(...args: Parameters<HookReader['getHook']>) {
    return this.parts().hookReader.getHook(...args);
  }
  registration(...args: Parameters<HookReader['registration']>) {
    return this.parts().hookReader.registration(...args);
  }
  readHook(...args: Parameters<HookReader['readHook']>) {
    return this.parts().hookReader.readHook(...args);
  }
  registrationPage(...args: Parameters<HookReader['registrationPage']>) {
    return this.parts().hookReader.registrationPage(...args);
  }
  hookPage(scope: HookScope, query: ListQuery, filter: HookFilter = ANY_HOOK) {
    return this.parts().views.page(scope, query, filter);
  }
  metrics() {
    const { log, views } = this.parts();
    return metricsOf(log, views);
  }
  /** Who is to be asked for deliveries next, when those of all hooks are listed. */
  hooksToAsk(scope: HookScope, ...query: HooksToAskQuery) {
    return hooksToAsk(this.parts().views, scope, ...query);
  }
  patchHook(...args: Parameters<HookRegistrar['patchHook']>) {
    return this.parts().hooks.patchHook(...args);
  }
  rotateHookSecret(...args: Parameters<HookRegistrar['rotateHookSecret']>) {
    return this.parts().hooks.rotateHookSecret(...args);
  }
  publicKeys(...args: Parameters<HookReader['publicKeys']>) {
    return this.parts().hookReader.publicKeys(...args);
  }
  retryDelivery(...args: Parameters<HookRegistrar['retryDelivery']>) {
    return this.parts().hooks.retryDelivery(...args);
  }
  replaceHook(...args: Parameters<HookRegistrar['replaceHook']>) {
    return this.parts().hooks.replaceHook(...args);
  }
  pauseHook(...args: Parameters<HookRegistrar['pauseHook']>) {
    return this.parts().hooks.pauseHook(...args);
  }
  resumeHook(...args: Parameters<HookRegistrar['resumeHook']>) {
    return this.parts().hooks.resumeHook(...args);
  }
  deleteHook(...args: Parameters<HookRegistrar['deleteHook']>) {
    return this.parts().hooks.deleteHook(...args);
  }
  listEvents(...args: Parameters<History['listEvents']>) {
    return this.parts().history.listEvents(...args);
  }
  getEvent(...args: Parameters<History['getEvent']>) {
    return this.parts().history.getEvent(...args);
  }
  explainEvent(...args: Parameters<History['explainEvent']>) {
    return this.parts().history.explainEvent(...args);
  }
  rawEvent(...args: Parameters<History['rawEvent']>) {
    return this.parts().history.rawEvent(...args);
  }
  tryFilters(...args: Parameters<History['tryFilters']>) {
    return this.parts().history.tryFilters(...args);
  }
  templateInput(...args: Parameters<History['templateInput']>) {
    return this.parts().history.templateInput(...args);
  }
  expunge(...args: Parameters<Expunger['expunge']>) {
    return this.parts().expunger.expunge(...args);
  }
  audited(...args: Parameters<Audit['add']>) {
    this.parts().log.audit.add(...args);
  }
  auditPage(...args: Parameters<Audit['page']>) {
    return this.parts().log.audit.page(...args);
  }
  verifyAudit(...args: Parameters<Audit['verify']>) {
    return this.parts().log.audit.verify(...args);
  }
  beginExpunge(...args: Parameters<ExpungeJobs['begin']>) {
    return this.parts().expungeJobs.begin(...args);
  }
  expungeJob(...args: Parameters<ExpungeJobs['get']>) {
    return this.parts().expungeJobs.get(...args);
  }
  sweep() {
    const { retention, log } = this.parts();
    retention.sweep();
    log.hours.dropOld();
    const auditMs = auditMsOf(this.env);
    if (auditMs !== null) this.ctx.waitUntil(log.audit.dropOld(Date.now() - auditMs));
  }
  exportRegistrations() {
    return registrationLines(this.parts().log);
  }
  exportHead(): ExportHead {
    const { ref, lastSeq } = this.parts().log;
    return { tenant: ref.tenant, incarnation: ref.incarnation, lastSeq };
  }
  exportEvents(...args: Parameters<History['exportEvents']>) {
    return this.parts().history.exportEvents(...args);
  }
  reencrypt() {
    return this.parts().reencryption.run();
  }
  stats() {
    return this.parts().history.stats();
  }
  /** The tenant in numbers over time. */
  series(query: SeriesQuery) {
    const { log, hoursOf } = this.parts();
    return seriesOf(log, hoursOf, query);
  }

  replayRange(...args: Parameters<Replays['replayRange']>) {
    return this.parts().replays.replayRange(...args);
  }
  eventsAt(...args: Parameters<Replays['eventsAt']>) {
    return this.parts().replays.eventsAt(...args);
  }
  wantedBy(...args: Parameters<Replays['wantedBy']>) {
    return this.parts().replays.wantedBy(...args);
  }

  attempted(...args: Parameters<Tail['attempted']>) {
    return this.parts().tail.attempted(...args);
  }
}
