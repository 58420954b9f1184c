/** Between SuperOffice's Webhook entity and the hook that stands for it. Pure. */
import { HOOK_DEFAULTS, type HookConfig, type SuperofficeMembers } from '../../core/hook-config.ts';
import { calledUrl, isSameReceiver, keptSpelling, urlAsSent } from '../../core/url-spelling.ts';
import { MASK, patternOfEvent, type State, type WebhookInput } from './webhook.ts';

export type HookState = 'active' | 'paused' | 'disabled';

const STATE_OF: Record<HookState, State> = { active: 'Active', paused: 'Stopped', disabled: 'TooManyErrors' };

/** The config a saved entity stands for. `current`: that of the hook it replaces, which masks stand for. */
export function configOf(webhook: WebhookInput, current: HookConfig | null): HookConfig {
  const before = current?.dialect.kind === 'superoffice' ? current.dialect : null;
  const isScript = webhook.type === 'crmscript';
  const url = isScript ? webhook.targetUrl : calledUrl(webhook.targetUrl);
  // The masks of headers stand for what the receiver of now gets, and no other.
  const present = current !== null && isSameReceiver(current.url, url) ? current.headers : null;
  const headers = current === null ? webhook.headers : withoutUnknownMasks(webhook.headers, present);
  const dialect: SuperofficeMembers = {
    type: webhook.type,
    ...(isScript ? {} : keptSpelling(webhook.targetUrl)),
    events: webhook.events,
    properties: webhook.properties,
    secret: webhook.secret === MASK ? (before?.secret ?? null) : webhook.secret,
    errorsEmail: webhook.errorsEmail,
    notes: webhook.notes,
    headerNames: headers && Object.keys(headers),
  };
  return {
    ...(current ?? HOOK_DEFAULTS),
    name: webhook.name,
    url,
    events: [...new Set(webhook.events.map(patternOfEvent))],
    format: 'superoffice',
    headers: headersOf(headers, present ?? {}),
    paused: webhook.state === 'Stopped',
    dialect: { kind: 'superoffice', ...dialect },
  };
}

/** The member of the entity that a member of the config or of its dialect stands for. */
export function webhookMember(member: string): string {
  return WEBHOOK_MEMBERS.get(member) ?? `${member.charAt(0).toUpperCase()}${member.slice(1)}`;
}

const WEBHOOK_MEMBERS: ReadonlyMap<string, string> = new Map([
  ['url', 'TargetUrl'],
  ['headerNames', 'Headers'],
  ['notes', 'Description'],
]);

/** Does saving this try the target out? Source of the rule: contract of the dialect; the vendor documents creation only. */
export function mustBeTested(config: HookConfig, current: HookConfig | null, state: HookState): boolean {
  if (current === null) return true;
  const secretOf = ({ dialect }: HookConfig) => (dialect.kind === 'superoffice' ? dialect.secret : null);
  return (
    config.url !== calledUrl(current.url) ||
    secretOf(config) !== secretOf(current) ||
    JSON.stringify(Object.entries(config.headers).sort()) !==
      JSON.stringify(Object.entries(current.headers).sort()) ||
    (!config.paused && state !== 'active')
  );
}

/** What has come of a hook so far. `lastAnswer` null: no call has failed. */
export interface HookFacts {
  readonly state: HookState;
  readonly calls: number;
  readonly errors: number;
  readonly consecutiveFailures: number;
  readonly lastAnswer: string | null;
}

/** The entity as it is answered. `links` null: without them, as in lists. */
export function entityOf(
  hook: {
    readonly id: number;
    readonly config: HookConfig;
    readonly createdAtMs: number;
    readonly updatedAtMs: number;
  },
  facts: HookFacts,
  links: { readonly self: string; readonly archive: string } | null,
) {
  const { config } = hook;
  const dialect = config.dialect.kind === 'superoffice' ? config.dialect : null;
  return {
    WebhookId: hook.id,
    Name: config.name,
    Events: dialect?.events ?? [],
    TargetUrl: urlAsSent(config),
    Secret: (dialect?.secret ?? null) === null ? null : MASK,
    State: STATE_OF[facts.state],
    Type: dialect?.type ?? 'webhook',
    Headers: maskedHeaders(dialect?.headerNames ?? null),
    Properties: dialect?.properties ?? null,
    Registered: new Date(hook.createdAtMs).toISOString(),
    RegisteredAssociate: null,
    Updated: new Date(hook.updatedAtMs).toISOString(),
    UpdatedAssociate: null,
    ErrorsEmail: dialect?.errorsEmail ?? null,
    ErrorEmails: dialect?.notes?.errorEmails ?? null,
    ErrorAssociates: null,
    Description: dialect?.notes?.description ?? null,
    NotifyVia: dialect?.notes?.notifyVia ?? null,
    NotifyWhen: dialect?.notes?.notifyWhen ?? null,
    TotalCalls: facts.calls,
    TotalErrors: facts.errors,
    ConsecutiveErrors: facts.consecutiveFailures,
    LastError: facts.lastAnswer ?? '',
    ...(links === null ? {} : { _Links: { Self: links.self, Archive: links.archive } }),
  };
}

function maskedHeaders(names: SuperofficeMembers['headerNames']): Record<string, string> | null {
  return names && Object.fromEntries(names.map((name) => [name, MASK]));
}

/** `present` null: the hook goes to another host, where no mask stands for anything. */
function withoutUnknownMasks(
  sent: WebhookInput['headers'],
  present: HookConfig['headers'] | null,
): WebhookInput['headers'] {
  if (sent === null || present !== null) return sent;
  return Object.fromEntries(Object.entries(sent).filter(([, value]) => value !== MASK));
}

function headersOf(sent: WebhookInput['headers'], current: HookConfig['headers']): HookConfig['headers'] {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(sent ?? {})) {
    const key = name.toLowerCase();
    headers[key] = value === MASK && Object.hasOwn(current, key) ? (current[key] ?? value) : value;
  }
  return headers;
}
