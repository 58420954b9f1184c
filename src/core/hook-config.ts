/**
 * A hook's members as the relay keeps them, and how a merge patch changes them. Knows neither storage nor HTTP;
 * that each value is in range is the business of the schema at the edge.
 */
import type { ExtraSignature } from './extra-signature.ts';
import { maskedAuth, mergedAuth, type AuthPatch, type HookAuth } from './hook-auth.ts';
import { MASK } from './mask.ts';
import type { RateLimit } from './rate-limit.ts';
import { DEFAULT_RETRY_POLICY, type RetryPolicy } from './schedule.ts';
import type { TemplateText } from './template/template.ts';

export { MASK } from './mask.ts';

/** Hook ids are positive 32-bit integers, as SuperOffice's clients expect them. */
export const MAX_HOOK_ID = 2 ** 31 - 1;

export const FORMATS = ['structured', 'binary', 'raw', 'superoffice', 'template'] as const;
export type Format = (typeof FORMATS)[number];

/** By what deliveries are signed: a secret that the receiver shares, a key pair of which it has the public half, or both. */
export const SIGNINGS = ['hmac', 'ed25519', 'both'] as const;
export type Signing = (typeof SIGNINGS)[number];

export const ORDERINGS = ['subject', 'fifo', 'none'] as const;
export type Ordering = (typeof ORDERINGS)[number];

/** In which API a hook was made, with what only that API knows of it. */
export type Dialect =
  | { readonly kind: 'native' }
  | { readonly kind: 'deskera'; readonly eventType: string; readonly sentUrl?: string }
  | ({ readonly kind: 'superoffice' } & SuperofficeMembers);

export const SUPEROFFICE_TYPES = ['webhook', 'crmscript'] as const;
export type SuperofficeType = (typeof SUPEROFFICE_TYPES)[number];

export interface SuperofficeMembers {
  /** `crmscript`: the hook's `url` is the include name of a script, which is run in the SuperOffice itself. */
  readonly type: SuperofficeType;
  /** The URL as it was sent, where it is called in another spelling. */
  readonly sentUrl?: string;
  /** Event names as sent. */
  readonly events: readonly string[];
  /** Merged into the body of each delivery. */
  /** Numbers in them are kept to the letter (exact-numbers.ts). */
  readonly properties: Readonly<Record<string, unknown>> | null;
  /** Signs deliveries in SuperOffice's way; write-only towards every API. */
  readonly secret: string | null;
  readonly errorsEmail: string | null;
  /** Absent in hooks that were saved before there was such a member. */
  readonly notes?: SuperofficeNotes;
  /** Header names as sent; their values are the hook's `headers`. null: there were none. */
  readonly headerNames: readonly string[] | null;
}

/** What is kept for SuperOffice's clients and answered again; the relay does nothing by it. */
export interface SuperofficeNotes {
  readonly description: string | null;
  readonly errorEmails: readonly string[] | null;
  /** Names of flags, with a comma and a space in between. */
  readonly notifyVia: string | null;
  readonly notifyWhen: string | null;
}

export interface HookConfig {
  readonly name: string;
  /** Where it posts to, in the spelling in which it is called, or what `scriptOf` says. */
  readonly url: string;
  /** Patterns over the event's type. */
  readonly events: readonly string[];
  /** Source ids, or null for every source of the tenant. */
  readonly sources: readonly string[] | null;
  readonly format: Format;
  /** Extra headers, lower-case names. Values are write-only towards the API. */
  readonly headers: Readonly<Record<string, string>>;
  readonly paused: boolean;
  readonly ordering: Ordering;
  /** Attempts in flight at the same time. */
  readonly concurrency: number;
  readonly retry: RetryPolicy;
  readonly signing: Signing;
  /** null: as fast as it takes them. */
  readonly rateLimit: RateLimit | null;
  /** Whether the start of a 2xx is kept too. Absent in hooks that were saved before there was such a member. */
  readonly keepAnswers?: boolean;
  /** A delivery that waits for longer is told of. Absent as well in those. */
  readonly backlogAfterSeconds?: number;
  /**
   * Which events it gets of those it follows: the expressions as JSON text, which is how they are kept beside the log.
   * Absent, like those below, in hooks that were saved before there were such members.
   */
  readonly filters?: string;
  /** What is sent with the format `template`. */
  readonly template?: TemplateText | null;
  /** Its secrets are write-only towards the API. */
  readonly auth?: HookAuth | null;
  /** Their secrets are write-only towards the API. */
  readonly signatures?: readonly ExtraSignature[];
  /** The user's own name for it, unique among the tenant's hooks. */
  readonly uid?: string | null;
  /** Of whatever manages it from outside; the relay does nothing by it. */
  readonly managedBy?: string | null;
  readonly dialect: Dialect;
}

export const DEFAULT_BACKLOG_AFTER_SECONDS = 3600;

export const NO_FILTERS = '[]';

export const HOOK_DEFAULTS: Omit<HookConfig, 'url'> = {
  name: '',
  events: ['*'],
  sources: null,
  format: 'structured',
  headers: {},
  paused: false,
  ordering: 'subject',
  concurrency: 1,
  retry: DEFAULT_RETRY_POLICY,
  signing: 'hmac',
  rateLimit: null,
  keepAnswers: false,
  backlogAfterSeconds: DEFAULT_BACKLOG_AFTER_SECONDS,
  filters: NO_FILTERS,
  template: null,
  auth: null,
  signatures: [],
  uid: null,
  managedBy: null,
  dialect: { kind: 'native' },
};

/** The include name of the script that the hook runs; null: it posts to its `url`. */
export function scriptOf({ url, dialect }: Pick<HookConfig, 'url' | 'dialect'>): string | null {
  return dialect.kind === 'superoffice' && dialect.type === 'crmscript' ? url : null;
}

/** A merge patch (RFC 7396): null puts a member back to its default, or removes a header. */
export type HookPatch = {
  readonly [M in Exclude<keyof HookConfig, 'url' | 'headers' | 'retry' | 'template' | 'auth' | 'dialect'>]?:
    HookConfig[M] | null | undefined;
} & {
  readonly url?: string | undefined;
  readonly headers?: Readonly<Record<string, string | null>> | null | undefined;
  readonly retry?:
    { readonly [M in keyof RetryPolicy]?: RetryPolicy[M] | null | undefined } | null | undefined;
  readonly template?:
    { readonly [M in keyof TemplateText]?: TemplateText[M] | null | undefined } | null | undefined;
  readonly auth?: AuthPatch | null | undefined;
};

/** Applies a patch to a hook, or makes a new one out of it: `base` is then the defaults and the URL. */
export function patchHook(base: HookConfig, patch: HookPatch): HookConfig {
  return {
    name: merged(base.name, patch.name, HOOK_DEFAULTS.name),
    url: patch.url ?? base.url,
    events: merged(base.events, patch.events, HOOK_DEFAULTS.events),
    sources: patch.sources === undefined ? base.sources : patch.sources,
    format: merged(base.format, patch.format, HOOK_DEFAULTS.format),
    headers: mergedHeaders(base.headers, patch.headers),
    paused: merged(base.paused, patch.paused, HOOK_DEFAULTS.paused),
    ordering: merged(base.ordering, patch.ordering, HOOK_DEFAULTS.ordering),
    concurrency: merged(base.concurrency, patch.concurrency, HOOK_DEFAULTS.concurrency),
    retry: mergedRetry(base.retry, patch.retry),
    signing: merged(base.signing, patch.signing, HOOK_DEFAULTS.signing),
    // Its one member has no default of its own, so that a patch of it is the whole.
    rateLimit: patch.rateLimit === undefined ? base.rateLimit : patch.rateLimit,
    keepAnswers: merged(base.keepAnswers ?? false, patch.keepAnswers, false),
    backlogAfterSeconds: merged(
      base.backlogAfterSeconds ?? DEFAULT_BACKLOG_AFTER_SECONDS,
      patch.backlogAfterSeconds,
      DEFAULT_BACKLOG_AFTER_SECONDS,
    ),
    filters: merged(base.filters ?? NO_FILTERS, patch.filters, NO_FILTERS),
    template: mergedTemplate(base.template ?? null, patch.template),
    auth:
      patch.auth === undefined
        ? (base.auth ?? null)
        : patch.auth && mergedAuth(base.auth ?? null, patch.auth),
    signatures: mergedSignatures(base.signatures ?? [], patch.signatures),
    uid: merged(base.uid ?? null, patch.uid, null),
    managedBy: merged(base.managedBy ?? null, patch.managedBy, null),
    dialect: base.dialect,
  };
}

/** The headers as the API shows them. */
export function maskHeaders(headers: HookConfig['headers']): Record<string, string> {
  return Object.fromEntries(Object.keys(headers).map((name) => [name, MASK]));
}

/** The members of a configuration that hold what is write-only, as the API shows them. */
export function maskedMembers({ headers, auth = null, signatures = [] }: HookConfig) {
  return {
    headers: maskHeaders(headers),
    auth: auth && maskedAuth(auth),
    signatures: signatures.map((signature) => ({ ...signature, secret: MASK })),
  };
}

function merged<T>(current: T, patch: T | null | undefined, fallback: T): T {
  if (patch === undefined) return current;
  return patch ?? fallback;
}

function mergedRetry(current: RetryPolicy, patch: HookPatch['retry']): RetryPolicy {
  if (patch === undefined) return current;
  if (patch === null) return HOOK_DEFAULTS.retry;
  const { retry } = HOOK_DEFAULTS;
  return {
    scheduleSeconds: merged(current.scheduleSeconds, patch.scheduleSeconds, retry.scheduleSeconds),
    jitter: merged(current.jitter, patch.jitter, retry.jitter),
    timeoutSeconds: merged(current.timeoutSeconds, patch.timeoutSeconds, retry.timeoutSeconds),
    giveUpOn: merged(current.giveUpOn, patch.giveUpOn, retry.giveUpOn),
    disableAfterSeconds: merged(
      current.disableAfterSeconds,
      patch.disableAfterSeconds,
      retry.disableAfterSeconds,
    ),
  };
}

function mergedHeaders(current: HookConfig['headers'], patch: HookPatch['headers']): HookConfig['headers'] {
  if (patch === undefined) return current;
  if (patch === null) return HOOK_DEFAULTS.headers;
  const headers = new Map(Object.entries(current));
  for (const [name, value] of Object.entries(patch)) {
    const key = name.toLowerCase();
    if (value === null) headers.delete(key);
    else if (value !== MASK || !headers.has(key)) headers.set(key, value);
  }
  return Object.fromEntries(headers);
}

function mergedTemplate(current: TemplateText | null, patch: HookPatch['template']): TemplateText | null {
  if (patch === undefined) return current;
  if (patch === null) return null;
  // Without one of them it is refused afterwards.
  return { ...current, ...patch } as TemplateText;
}

/** A list is replaced as a whole; a masked secret is that of the signature of the same header. */
function mergedSignatures(
  current: readonly ExtraSignature[],
  patch: readonly ExtraSignature[] | null | undefined,
): readonly ExtraSignature[] {
  if (patch === undefined) return current;
  return (patch ?? []).map(({ header, ...signature }) => {
    const name = header.toLowerCase();
    const known = current.find((other) => other.header === name)?.secret;
    const secret = signature.secret === MASK ? (known ?? MASK) : signature.secret;
    return { header: name, ...signature, secret };
  });
}
