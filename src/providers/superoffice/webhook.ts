/**
 * SuperOffice's Webhook entity: read in any case of letters, answered in PascalCase. Knows what the vendor documents
 * of its members and nothing of hooks, targets or storage.
 * Source: SuperOffice docs, webhook subscription page and the swagger file of the REST API.
 */
import { asNumbers } from '../../core/exact-numbers.ts';
import { typeOf } from '../../core/envelope.ts';
import { SUPEROFFICE_TYPES, type SuperofficeNotes, type SuperofficeType } from '../../core/hook-config.ts';
import { isIncludeName } from './crmscript.ts';
import { parsePattern } from '../../core/pattern.ts';
import { namedEvent } from './event-name.ts';

/** Stands for a secret or a header's value in answers; saved, it keeps what is there. */
export const MASK = '********';

export const STATES = ['Unknown', 'Active', 'Stopped', 'TooManyErrors'] as const;
export type State = (typeof STATES)[number];

/** Bit flags: the first name is that of none, the next ones of 1, 2, … */
export const NOTIFY_VIA = ['None', 'Email', 'InApp'] as const;
export const NOTIFY_WHEN = ['None', 'FirstFailure', 'Disabling'] as const;

/** A webhook as a client saves it. What the server owns (ids, dates, statistics) is not read. */
export interface WebhookInput {
  readonly name: string;
  /** As sent, duplicates dropped. */
  readonly events: readonly string[];
  readonly type: SuperofficeType;
  /** A URL, or the include name of a script, as `type` says. */
  readonly targetUrl: string;
  /** null: unsigned. `MASK`: as it is. */
  readonly secret: string | null;
  readonly state: State;
  /** Values may be `MASK`: as they are. */
  readonly headers: Readonly<Record<string, string>> | null;
  /** Numbers in them are kept to the letter (exact-numbers.ts). */
  readonly properties: Readonly<Record<string, unknown>> | null;
  readonly errorsEmail: string | null;
  readonly notes: SuperofficeNotes;
}

export type WebhookReading =
  | { readonly ok: true; readonly webhook: WebhookInput }
  /** Each of these names its member. */
  | { readonly ok: false; readonly messages: readonly string[] };

const MAX_NAME = 400;
const MAX_SECRET = 400;
const MAX_EMAIL = 239;
const MAX_EMAILS = 20;
const MAX_DESCRIPTION = 4000;
const MAX_EVENTS = 400;
/** SuperOffice keeps all names in one text of that size, separated by commas. */
const MAX_EVENTS_CHARACTERS = 4000;

const DEFAULT_EVENTS = ['contact.created', 'contact.deleted'];
const NEVER = '0001-01-01T00:00:00';

/** The entity that a new webhook starts from. Source: sample of GET /api/v1/Webhook/default. */
export function defaultWebhook() {
  return {
    WebhookId: 0,
    Name: null,
    Events: DEFAULT_EVENTS,
    ErrorsEmail: null,
    TargetUrl: null,
    Secret: null,
    State: 'Active',
    Type: 'webhook',
    Headers: null,
    Properties: null,
    Registered: NEVER,
    RegisteredAssociate: null,
    Updated: NEVER,
    UpdatedAssociate: null,
  };
}

/** Reads a whole entity; what is absent or null has its default. `isForTest`: it needs no events. */
export function readWebhook(body: unknown, { isForTest = false } = {}): WebhookReading {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    return {
      ok: false,
      messages: [`Entity to save is not in request body: expected a JSON object, got ${kind(body)}`],
    };
  }
  const messages: string[] = [];
  const exact = byLowerName(body);
  const sent = byLowerName(asNumbers(body) as object);
  const wrong: Complaint = (member, expected, got) =>
    messages.push(`Webhook ${member}: expected ${expected}, got ${got}`);

  const text = (member: string, max: number): string | null => {
    const value = sent.get(member.toLowerCase()) ?? null;
    if (value === null) return null;
    if (typeof value === 'string' && value.length <= max) return value;
    wrong(
      member,
      `text of at most ${max} characters`,
      typeof value === 'string' ? `${value.length}` : kind(value),
    );
    return null;
  };
  const record = (member: string): Record<string, unknown> | null => {
    const value = exact.get(member.toLowerCase()) ?? null;
    if (value === null) return null;
    if (typeof value === 'object' && !Array.isArray(value)) return value as Record<string, unknown>;
    wrong(member, 'an object or null', kind(value));
    return null;
  };

  const typeText = text('Type', 100) ?? 'webhook';
  const type = SUPEROFFICE_TYPES.find((name) => name === typeText.toLowerCase());
  if (type === undefined) wrong('Type', '"webhook" or "crmscript"', JSON.stringify(typeText));

  const targetUrl = text('TargetUrl', 4000) ?? '';
  if (type === 'crmscript') {
    if (!isIncludeName(targetUrl)) {
      const got = targetUrl === '' ? 'nothing' : 'another text';
      wrong('TargetUrl', 'the include name of a CRMScript, which is no URL, up to 255 characters', got);
    }
  } else if (targetUrl === '' && messages.length === 0) wrong('TargetUrl', 'a URL', 'nothing');

  const headers = record('Headers');
  for (const [name, value] of Object.entries(headers ?? {})) {
    if (typeof value !== 'string') wrong(`Headers ${name}`, 'text', kind(value));
  }

  const webhook: WebhookInput = {
    name: text('Name', MAX_NAME) ?? '',
    events: isForTest ? [] : eventsOf(sent.get('events'), wrong),
    type: type ?? 'webhook',
    targetUrl,
    secret: text('Secret', MAX_SECRET) || null,
    state: stateOf(sent.get('state'), wrong),
    headers: headers as WebhookInput['headers'],
    properties: record('Properties'),
    errorsEmail: text('ErrorsEmail', MAX_EMAIL),
    notes: {
      description: text('Description', MAX_DESCRIPTION),
      errorEmails: emailsOf(sent.get('erroremails'), wrong),
      notifyVia: flagsOf('NotifyVia', NOTIFY_VIA, sent.get('notifyvia'), wrong),
      notifyWhen: flagsOf('NotifyWhen', NOTIFY_WHEN, sent.get('notifywhen'), wrong),
    },
  };
  return messages.length === 0 ? { ok: true, webhook } : { ok: false, messages };
}

/** The pattern over envelope types that an event name stands for. */
export function patternOfEvent(name: string): string {
  // The id in `webhook123.errors` is the subject's, not the type's: the body says `webhook.errors`.
  const known = name.replace(/^webhook\d+\./i, 'webhook.');
  const { entity, action } = namedEvent(known);
  return typeOf('superoffice', entity, action);
}

/** SuperOffice has custom ones: any name that can stand in its list of them. */
export function isEventName(name: string): boolean {
  return /^[^\s,*\p{Cc}]+$/u.test(name) && name.length <= MAX_EVENTS_CHARACTERS;
}

function hasPattern(name: string): boolean {
  return parsePattern(patternOfEvent(name)).ok;
}

type Complaint = (member: string, expected: string, got: string) => void;

/** The members of an object by their names in lower case; of several spellings of one the last counts. */
export function byLowerName(value: object): Map<string, unknown> {
  return new Map(Object.entries(value).map(([name, member]) => [name.toLowerCase(), member as unknown]));
}

function eventsOf(value: unknown, wrong: Complaint): string[] {
  if (!Array.isArray(value) || value.length === 0 || value.length > MAX_EVENTS) {
    wrong(
      'Events',
      `1 to ${MAX_EVENTS} event names`,
      Array.isArray(value) ? `${value.length}` : kind(value ?? null),
    );
    return [];
  }
  const names = new Map<string, string>();
  for (const name of value as unknown[]) {
    if (typeof name === 'string' && isEventName(name) && hasPattern(name))
      names.set(name.toLowerCase(), name);
    else
      wrong(
        'Events',
        'names of up to 388 characters without commas, spaces, * or empty parts',
        typeof name === 'string' ? JSON.stringify(name) : kind(name),
      );
  }
  const events = [...names.values()];
  if (events.join(',').length > MAX_EVENTS_CHARACTERS) {
    wrong('Events', `at most ${MAX_EVENTS_CHARACTERS} characters in all`, `${events.join(',').length}`);
  }
  return events;
}

function emailsOf(value: unknown, wrong: Complaint): string[] | null {
  if (value === undefined || value === null) return null;
  const isEmails =
    Array.isArray(value) &&
    value.length <= MAX_EMAILS &&
    value.every((email) => typeof email === 'string' && email.length <= MAX_EMAIL);
  if (isEmails) return value as string[];
  wrong('ErrorEmails', `at most ${MAX_EMAILS} texts of at most ${MAX_EMAIL} characters`, kind(value));
  return null;
}

/** Flags by name or bit: one, several with commas in between, or a list of such, as the vendor's client sends them. */
function flagsOf(member: string, names: readonly string[], value: unknown, wrong: Complaint): string | null {
  if (value === undefined || value === null) return null;
  let set = 0;
  for (const flag of [value].flat().flatMap(flagTexts)) {
    const bits = bitsOf(flag, names);
    if (bits === null) {
      wrong(member, names.join(', '), typeof value === 'string' ? JSON.stringify(value) : kind(value));
      return null;
    }
    set |= bits;
  }
  return names.filter((_, at) => (set & bitAt(at)) !== 0).join(', ') || (names[0] ?? null);
}

function flagTexts(value: unknown): string[] {
  return typeof value === 'string' || typeof value === 'number' ? String(value).split(/\s*,\s*/) : [''];
}

function bitsOf(flag: string, names: readonly string[]): number | null {
  if (/^\d$/.test(flag)) return Number(flag) < bitAt(names.length) ? Number(flag) : null;
  const at = names.findIndex((name) => name.toLowerCase() === flag.toLowerCase());
  return at === -1 ? null : bitAt(at);
}

/** 0, 1, 2, 4, … */
function bitAt(index: number): number {
  return index === 0 ? 0 : 2 ** (index - 1);
}

/** A state by its name in any case, or by its number; undefined: it is none. */
export function stateNamed(value: unknown): State | undefined {
  if (typeof value === 'number') return STATES[value];
  return STATES.find((name) => typeof value === 'string' && name.toLowerCase() === value.toLowerCase());
}

function stateOf(value: unknown, wrong: Complaint): State {
  if (value === undefined || value === null) return 'Active';
  const state = stateNamed(value);
  if (state === undefined || state === 'Unknown') {
    wrong(
      'State',
      'Active, Stopped or TooManyErrors',
      typeof value === 'string' ? JSON.stringify(value) : kind(value),
    );
    return 'Active';
  }
  return state;
}

function kind(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  return Array.isArray(value) ? 'an array' : `a value of type ${typeof value}`;
}
