/** What one item of a request says, by the templates of its recipe. */
import { hash } from 'node:crypto';
import { attributeText } from '../../core/attribute.ts';
import { type Facts } from '../../core/envelope.ts';
import { firstEventId, recordId, usable } from '../fact.ts';
import { type ReadingContext } from '../provider.ts';
import { type Compiled, type FactFills } from './compile.ts';
import { type Scope } from './filling.ts';
import { namedBy } from './naming.ts';

/** `body`: the exact bytes of the item. */
export function factsOf(
  provider: string,
  { facts, recipe }: Compiled,
  scope: Scope,
  body: Uint8Array,
  raw: Facts['raw'],
  { paths, sourceId, assurance }: ReadingContext,
): Facts {
  const filled = (name: keyof FactFills): string | null => {
    for (const fill of facts[name]) {
      const text = usable(fill(scope));
      if (text !== null) return text;
    }
    return null;
  };
  const pointed = (pointer: string | undefined) =>
    pointer === undefined ? null : usable(scope.item?.scalar(pointer));

  const ownName = pointed(paths.eventType);
  const name = ownName ?? filled('name');
  const account = pointed(paths.account) ?? filled('account');
  return {
    id:
      firstEventId(pointed(paths.eventId), filled('id')) ??
      ([recipe.event.id].flat().includes(null) ? null : hash('sha256', body, 'base64url')),
    event: name,
    ...namedBy(
      {
        name,
        entity: ownName === null ? filled('entity') : null,
        action: ownName === null ? filled('action') : null,
      },
      recipe.actions ?? {},
    ),
    entityId: recordId(pointed(paths.entityId) ?? filled('entityId')),
    source: `/${provider}/${encodeURIComponent(attributeText(account ?? sourceId))}`,
    account,
    actor: filled('actor'),
    webhookName: null,
    time: pointed(paths.time) ?? filled('time'),
    changes: [],
    identifiers: {},
    assurance,
    raw,
  };
}
