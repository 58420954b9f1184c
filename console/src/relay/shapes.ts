/** What the relay answers, as far as the console shows it. See /openapi.json. */
export interface Page<T> {
  readonly data: readonly T[];
  readonly nextCursor: string | null;
}

export interface Me {
  readonly tenant: string;
  readonly role: Role;
  readonly keyId: string | null;
}
export type Role = 'operator' | 'admin' | 'subscriber' | 'publisher' | 'viewer';

export interface Stats {
  readonly accepted: number;
  readonly duplicates: number;
  readonly pending: number;
  readonly delivered: number;
  readonly dead: number;
  readonly oldestPendingSeconds: number | null;
  readonly oldestEventAt: string | null;
  readonly hooks: {
    readonly active: number;
    readonly paused: number;
    readonly disabled: number;
    readonly failing: number;
  };
}

export interface Series {
  readonly step: string;
  readonly data: readonly ({ readonly at: string } & Readonly<Record<string, number | string | null>>)[];
}

export type HookState = 'active' | 'paused' | 'disabled';

export interface Waiting {
  readonly reason: string;
  readonly until: string | null;
}

export interface RetryPolicy {
  readonly scheduleSeconds: readonly number[];
  readonly jitter: number;
  readonly timeoutSeconds: number;
  readonly giveUpOn: readonly number[];
  readonly disableAfterSeconds: number;
}

export interface Template {
  readonly contentType: string;
  readonly body: string;
}

export interface Hook {
  readonly id: number;
  readonly uid: string | null;
  readonly name: string;
  readonly url: string;
  readonly events: readonly string[];
  readonly sources: readonly string[] | null;
  readonly format: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly paused: boolean;
  readonly ordering: string;
  readonly concurrency: number;
  readonly signing: string;
  readonly retry: RetryPolicy;
  readonly rateLimit: { readonly perSecond: number } | null;
  readonly keepAnswers: boolean;
  readonly filters: readonly Readonly<Record<string, unknown>>[];
  readonly template: Template | null;
  readonly auth: Readonly<Record<string, string>> | null;
  readonly superoffice: { readonly type: string; readonly events: readonly string[] } | null;
  readonly state: HookState;
  readonly stateReason: string | null;
  readonly waiting: Waiting | null;
  readonly stats: {
    readonly pending: number;
    readonly delivered: number;
    readonly dead: number;
    readonly consecutiveFailures: number;
    readonly lastSuccessAt: string | null;
    readonly lastFailureAt: string | null;
    readonly lastError: string | null;
  };
  readonly retrying?: number;
  readonly oldestPendingAt?: string | null;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly dropped?: readonly string[];
  readonly secret?: string;
}

export interface Delivery {
  readonly eventId: string;
  readonly type: string;
  readonly subject: string | null;
  readonly sequence: number | null;
  readonly status: string;
  readonly attempts: number;
  readonly nextAttemptAt: string | null;
  readonly createdAt: string;
  readonly finishedAt: string | null;
  readonly reason: string | null;
  readonly attemptLog?: readonly Attempt[];
  /** In the list over all hooks. */
  readonly hookId?: number;
  readonly hookName?: string;
  readonly lastStatusCode?: number | null;
  readonly lastError?: string | null;
}

export interface Attempt {
  readonly number: number;
  readonly at: string;
  readonly durationMs: number;
  readonly outcome: string;
  readonly statusCode: number | null;
  readonly error: string | null;
  readonly detail: string | null;
  readonly requestHeaders: Readonly<Record<string, string>> | null;
  readonly responseHeaders: Readonly<Record<string, string>> | null;
  readonly responseExcerpt: string | null;
}

export interface Envelope {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject?: string | null;
  readonly time?: string | null;
  readonly datacontenttype?: string | null;
  readonly sequence: string;
  readonly recordedtime: string;
  readonly posthornid: string;
  readonly data?: unknown;
}

export interface HookDelivery {
  readonly hookId: number;
  readonly status: string;
  readonly attempts: number;
  readonly reason: string | null;
  readonly nextAttemptAt?: string | null;
  readonly waiting?: Waiting | null;
  readonly attemptLog?: readonly Attempt[];
  readonly clause?: string;
}

export interface EventView {
  readonly event: Envelope;
  readonly deliveries: readonly HookDelivery[];
  readonly nextCursor: string | null;
}

export interface Provider {
  readonly id: string;
  readonly name: string;
  readonly docs: string;
  readonly assurance: 'signature' | 'token' | 'none';
  readonly secret: { readonly from: 'provider' | 'relay' | 'public-key' | 'none'; readonly label: string };
  readonly batch: boolean;
  readonly handshake: boolean;
  readonly setup: string;
  readonly options: Readonly<Record<string, { readonly label: string; readonly default: string | null }>>;
}

export interface Source {
  readonly id: string;
  readonly provider: string;
  readonly name: string;
  readonly uid: string | null;
  readonly inboundUrl: string;
  readonly createdAt: string;
  readonly secret?: string | null;
  readonly stats: {
    readonly accepted: number;
    readonly duplicates: number;
    readonly tests: number;
    readonly rejected: { readonly signature: number; readonly malformed: number; readonly tooLarge: number };
    readonly lastAcceptedAt: string | null;
    readonly lastRejectedAt: string | null;
    readonly lastRejection: string | null;
  };
}

export interface RefusedRequest {
  readonly at: string;
  readonly status: number;
  readonly reason: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly bodyExcerpt: string;
  readonly bodyBytes: number;
}

export interface SetupCall {
  readonly eventType: string | null;
  readonly curl: string;
}

export interface Key {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly createdAt: string;
  readonly expiresAt: string | null;
  /** The key itself: in the answer that made it, and never again. */
  readonly key?: string;
}

export interface Replay {
  readonly id: string;
  readonly state: string;
  readonly status: string;
  readonly types: readonly string[] | null;
  readonly from: string;
  readonly to: string | null;
  readonly matched: number;
  readonly queued: number;
  readonly remaining?: number;
  readonly createdAt: string;
  readonly finishedAt: string | null;
}

export interface Switches {
  readonly ingest: 'open' | 'paused';
  readonly delivery: 'open' | 'paused';
  readonly note: string;
  readonly updatedAt: string | null;
}

export interface AuditEntry {
  readonly seq: number;
  readonly at: string;
  readonly actor: string;
  readonly from: string | null;
  readonly call: string;
  readonly target: string;
  readonly before: unknown;
  readonly after: unknown;
  readonly hash: string;
}

export interface Tried {
  readonly tested: number;
  readonly matched: number;
  readonly results: readonly {
    readonly id: string;
    readonly type: string;
    readonly matched: boolean;
    readonly clause: string | null;
  }[];
}

export interface ReadyTemplate {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly template: Template;
}

export interface TestResult {
  readonly delivered: boolean;
  readonly statusCode: number | null;
  readonly durationMs: number;
  readonly error: string | null;
}
