/**
 * Which events a hook of SuperOffice's API has asked for by name. `contact.updated` and `contact.changed` are one type
 * of the relay's and two names of SuperOffice's; `webhook123.errors` is about one webhook among those of a type.
 */
import { isOwn, type StoredEnvelope } from '../../core/envelope.ts';
import { HOOK_DISABLED, wordsFor } from './vocabulary.ts';
import { patternOfEvent } from './webhook.ts';

export interface NamedEvent {
  readonly type: string;
  readonly subject: string | null;
  readonly kind: StoredEnvelope['kind'];
  /** The provider's own name of it. */
  readonly event: string | null;
}

/** SuperOffice's name of what befell one of its webhooks; subscribers put the webhook's id behind `webhook`. */
const OF_WEBHOOK = /^webhook\.(\w+)$/;
const ERRORS_OF_WEBHOOK = /^webhook\d+\.errors$/i;

/**
 * What a hook follows: its patterns, and where it asks for the errors of a webhook what the relay tells of its hooks. Its
 * own patterns are those of `names` unless the native API has changed them.
 */
export function followedPatterns(names: readonly string[], patterns: readonly string[]): readonly string[] {
  const hasErrors = names.some((name) => ERRORS_OF_WEBHOOK.test(name));
  return hasErrors && selectsByName(names, patterns) ? [...patterns, HOOK_DISABLED] : patterns;
}

/** The names by which a hook selects, in lower case; null: it goes by type. `followed`: as above. */
export function namesThatCount(
  names: readonly string[],
  followed: readonly string[],
): ReadonlySet<string> | null {
  const patterns = followed.filter((pattern) => pattern !== HOOK_DISABLED);
  return selectsByName(names, patterns) ? new Set(names.map((name) => name.toLowerCase())) : null;
}

function selectsByName(names: readonly string[], patterns: readonly string[]): boolean {
  const own = new Set(names.map(patternOfEvent));
  return own.size === patterns.length && patterns.every((pattern) => own.has(pattern));
}

export function isNamed(names: ReadonlySet<string>, event: NamedEvent): boolean {
  const name = nameOf(event)?.toLowerCase() ?? '';
  return names.has(subscribedName(name, event.subject)) || (event.type !== HOOK_DISABLED && names.has(name));
}

/** The name under which an event is subscribed to: with the webhook's id, where it is about one. */
function subscribedName(name: string, subject: string | null): string {
  const [, verb] = OF_WEBHOOK.exec(name.toLowerCase()) ?? [];
  const id = subject?.slice(subject.lastIndexOf('/') + 1) ?? '';
  return verb === undefined || id === '' ? name : `webhook${id}.${verb}`;
}

/** As SuperOffice would say it. */
function nameOf(event: NamedEvent): string | null {
  return isOwn(event.kind) ? (wordsFor(event)?.event ?? null) : event.event;
}
