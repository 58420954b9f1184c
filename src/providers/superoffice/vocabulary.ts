/**
 * What SuperOffice has words for: its documented entities with their verbs. An event of another origin can be said in
 * SuperOffice's format when it is about such an entity and has a number for it; nothing is translated into another
 * entity. Source: SuperOffice docs, webhook event details.
 */
import { type StoredEnvelope } from '../../core/envelope.ts';
import { partedName } from '../event-name.ts';

/** Any event as far as it matters here: `type` and `subject` are its envelope's. */
export interface Sayable {
  readonly type: string;
  readonly subject: string | null;
  readonly kind: StoredEnvelope['kind'];
}

/** An event in SuperOffice's words. */
export interface Words {
  /** `entity.verb`, such as `contact.changed`. */
  readonly event: string;
  readonly entity: string;
  /** 0: of no record. */
  readonly primaryKey: number;
}

const SAVED = ['created', 'changed', 'deleted'] as const;

/** Not among them: `test` and `webhook{id}`, with which SuperOffice speaks of its own webhooks. */
export const VOCABULARY: ReadonlyMap<string, readonly string[]> = new Map<string, readonly string[]>([
  ['activity', SAVED],
  ['associate', SAVED],
  ['chatsession', ['created', 'changed', 'message']],
  ['contact', [...SAVED, 'softdeleted']],
  ['document', [...SAVED, 'edited']],
  ['person', [...SAVED, 'softdeleted', 'consented', 'unconsented']],
  ['project', SAVED],
  ['projectmember', SAVED],
  ['quote', ['approved', 'rejected', 'sent', 'ordered']],
  ['relation', SAVED],
  ['sale', [...SAVED, 'sold', 'lost', 'completed']],
  ['salestakeholder', SAVED],
  ['ticket', ['created', 'changed']],
]);
const LIST = /^list\.[^.]+$/;
const EXTRA_TABLE = /^y_[^.]+$/;

/** What the relay tells of a hook that it has disabled. */
export const HOOK_DISABLED = 'posthorn.hook.disabled';

/** PrimaryKey is an int32. */
const MAX_KEY = 2 ** 31 - 1;

/** What came from SuperOffice is said as it came; a source's events bear its provider's name, own ones are no `json`. */
export function isFromSuperoffice({ type, kind }: Pick<Sayable, 'type' | 'kind'>): boolean {
  return kind === 'json' && type.startsWith('superoffice.');
}

export function canBeSaid(event: Sayable): boolean {
  return isFromSuperoffice(event) || wordsFor(event) !== null;
}

/**
 * The words for an event of another origin, or null. Its type ends in entity and action, a provider's name may stand in
 * front; its subject is `{entity}/{number}`, or it has none.
 */
export function wordsFor({ type, subject }: Pick<Sayable, 'type' | 'subject'>): Words | null {
  if (type === HOOK_DISABLED) return wordsForDisabled(subject);
  const parted = partedName(type);
  if (parted === null) return null;
  const verb = parted.verb === 'updated' ? 'changed' : parted.verb;
  const withoutProvider = parted.entity.slice(parted.entity.indexOf('.') + 1);
  const entity = [parted.entity, withoutProvider].find((name) => verbsOf(name).includes(verb));
  if (entity === undefined) return null;
  const primaryKey = subject === null ? 0 : keyIn(subject, entity);
  return primaryKey === null ? null : { event: `${entity}.${verb}`, entity, primaryKey };
}

/** What SuperOffice says of a webhook that had too many errors. */
function wordsForDisabled(subject: string | null): Words | null {
  const primaryKey = keyIn(subject ?? '', 'hook');
  return primaryKey === null ? null : { event: 'webhook.errors', entity: 'webhook', primaryKey };
}

function verbsOf(entity: string): readonly string[] {
  if (LIST.test(entity)) return ['created', 'changed', 'softdeleted'];
  return EXTRA_TABLE.test(entity) ? SAVED : (VOCABULARY.get(entity) ?? []);
}

function keyIn(subject: string, entity: string): number | null {
  const [, about = '', digits = ''] = /^(.+)\/(\d{1,10})$/s.exec(subject) ?? [];
  const key = Number(digits);
  return about.toLowerCase() === entity && key <= MAX_KEY ? key : null;
}
