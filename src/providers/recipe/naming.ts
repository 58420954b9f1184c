/** A provider's name for an event, its entity and its action, in the relay's words. */
import { RECEIVED, type NamedEvent } from '../event-name.ts';

const VERBS: ReadonlyMap<string, string> = new Map([
  ...'create creation created add added insert new'.split(' ').map((verb) => [verb, 'created'] as const),
  ...'update updated change changed edit edited propertychange modify modified'
    .split(' ')
    .map((verb) => [verb, 'updated'] as const),
  ...'delete deleted deletion remove removed'.split(' ').map((verb) => [verb, 'deleted'] as const),
]);

/** What an event is about when nothing says it. */
const UNNAMED = 'event';
const LAST_SEGMENT = /^(.+)[./:\s]([^./:\s]+)$/s;

export interface NamedParts {
  readonly name: string | null;
  readonly entity: string | null;
  readonly action: string | null;
}

/** The provider's verbs → ours, beside those that need no telling. */
export type Actions = Readonly<Record<string, string>>;

/**
 * What is explicit counts. What is not comes from the name, which is parted at its last segment where that is a verb;
 * any other name is an entity about which something was `received`.
 */
export function namedBy({ name, entity, action }: NamedParts, actions: Actions): NamedEvent {
  const [, front = null, last = null] = LAST_SEGMENT.exec(name ?? '') ?? [];
  const verb = last === null ? null : actionOf(last, actions);
  const isParted = verb !== null || (last !== null && last.toLowerCase() === action?.toLowerCase());
  return {
    entity: wordOf(entity ?? (isParted ? front : name)) || UNNAMED,
    action: (action === null ? verb : (actionOf(action, actions) ?? wordOf(action))) || RECEIVED,
  };
}

function actionOf(verb: string, actions: Actions): string | null {
  const lower = verb.toLowerCase();
  const own = Object.entries(actions).find(([theirs]) => theirs.toLowerCase() === lower);
  return own?.[1] ?? VERBS.get(lower) ?? null;
}

/** As it stands in a type. */
function wordOf(text: string | null): string {
  const word = (text ?? '').toLowerCase().replace(/[^a-z0-9_-]+/g, '.');
  return word.replace(/^\.|\.$/g, '');
}
