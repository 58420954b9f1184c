/**
 * SuperOffice's event names, `entity.verb` with the verb after the last dot, in the relay's words.
 * Source: SuperOffice docs, webhook event details.
 */
import { type NamedEvent, RECEIVED, partedName } from '../event-name.ts';

/**
 * `contact.changed` → contact, updated; `list.110.created` → list.110, created; any other verb as it is. A name
 * without an entity or without a verb becomes an entity that something was `received` about.
 * `entityMember`, the body's own word for the entity, wins over the name.
 */
export function namedEvent(name: string, entityMember: string | null = null): NamedEvent {
  const parted = partedName(name);
  const entity = entityMember ?? parted?.entity ?? name;
  return { entity: entity.toLowerCase(), action: parted === null ? RECEIVED : actionOf(parted.verb) };
}

function actionOf(verb: string): string {
  return verb === 'changed' ? 'updated' : verb;
}
