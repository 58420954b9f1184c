/** The values that a request has at a place which a recipe names. */
import { type Scope } from './filling.ts';
import { type Spot } from './recipe.ts';

/** None, one, or where several headers are named one of each. */
export function valuesAt({ header, query, body, form }: Spot, { received, item }: Scope): string[] {
  if (typeof header === 'object')
    return header.map((name) => received.header(name)).filter((value) => value !== null);
  const value = one();
  return value === null ? [] : [value];

  function one(): string | null {
    if (typeof header === 'string') return received.header(header);
    if (query !== undefined) return received.query(query);
    if (body !== undefined) return item?.scalar(body) ?? null;
    return form === undefined ? null : (received.form?.get(form) ?? null);
  }
}
