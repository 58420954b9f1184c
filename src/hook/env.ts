/** What a hook's object is bound to, and what it calls of its tenant's event log. */
import type { Pattern } from '../core/pattern.ts';
import type { StoredEvent } from '../core/stored-event.ts';
import type { AuthorizedSite } from '../providers/superoffice/site.ts';
import type { SettingsEnv } from '../settings.ts';
import type { SwitchboardEnv } from '../switchboard/env.ts';
import type { Notice } from './notices.ts';
import type { HookStanding } from './reports.ts';
import type { SeenAttempt } from './watched.ts';

/** The event log as its hooks know it: the log knows its hooks, so they do not import it. */
export interface TenantLog extends Rpc.DurableObjectBranded {
  /** How the hook stands now. */
  report(hookId: number, standing: HookStanding): void;
  /** Stores what the hook tells of itself. */
  announce(notice: Notice): void;
  eventsAt(seqs: readonly number[]): { events: StoredEvent[]; lookedAt: number };
  wantedBy(
    hookId: number,
    fromSeq: number,
    beforeSeq: number,
    types: readonly Pattern[] | null,
  ): { seqs: number[]; nextSeq: number };
  siteFor(sourceId: string | null): AuthorizedSite | null;
  /** Notes which key a listener came with; null: the key is good no more. */
  listening(hookId: number, keyId: string): { readonly expiresAtMs: number | null } | null;
  /** Shows attempts to those who watch; false: nobody does. */
  attempted(hookId: number, attempts: readonly SeenAttempt[]): boolean;
}

export interface HookEnv extends SettingsEnv, SwitchboardEnv {
  readonly EVENT_LOG: DurableObjectNamespace<TenantLog>;
}
