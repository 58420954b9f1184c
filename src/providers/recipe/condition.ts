/** What tells a handshake, and a request that is no event, from the others. */
import { type Scope } from './filling.ts';
import { type Condition, type Conditions } from './recipe.ts';
import { valuesAt } from './spot.ts';

/** The value that the first condition found, when all of them hold; null: one does not. */
export function valueWhen(conditions: Conditions, scope: Scope): string | null {
  const all = isList(conditions) ? conditions : [conditions];
  const found = all.map((condition) => valueIn(condition, scope));
  return found.includes(null) ? null : (found[0] ?? null);
}

function valueIn(condition: Condition, scope: Scope): string | null {
  const { equals } = condition;
  const [value = null] = valuesAt(condition, scope);
  if (value === null || equals === undefined) return value;
  return (typeof equals === 'string' ? [equals] : equals).includes(value) ? value : null;
}

export function isList(conditions: Conditions): conditions is readonly Condition[] {
  return Array.isArray(conditions);
}
