/** Lists: limit, order and cursor in the query, `data` and `nextCursor` in the answer. */
import * as z from 'zod';
import { invalid } from './problem.ts';

export const PageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(200).default(50).meta({ description: 'How many items at most.' }),
  cursor: z.string().optional().meta({ description: 'The `nextCursor` of the page before.' }),
});

export const ListQuery = PageQuery.extend({
  order: z.enum(['asc', 'desc']).default('desc').meta({ description: 'By age: newest first unless `asc`.' }),
});

export function pageOf<T extends z.ZodType>(item: T) {
  return z.object({
    data: z.array(item),
    nextCursor: z.string().nullable().meta({ description: 'null: there are no more.' }),
  });
}

/** An opaque text for a place in a list. */
export function cursorOf(place: number | string | null): string | null {
  if (place === null) return null;
  return btoa(`1:${place}`).replaceAll('=', '').replaceAll('+', '-').replaceAll('/', '_');
}

/** The place a cursor stands for; throws a refusal when the relay never gave it out. */
export function placeOf(cursor: string | undefined): number | null {
  const text = textOf(cursor);
  if (text === null) return null;
  const place = Number(text);
  if (!/^\d{1,15}$/.test(text) || !Number.isSafeInteger(place)) throw badCursor();
  return place;
}

/** The same where the place is a text. */
export function textOf(cursor: string | undefined): string | null {
  if (cursor === undefined) return null;
  try {
    const text = atob(cursor.replaceAll('-', '+').replaceAll('_', '/'));
    if (text.startsWith('1:') && cursorOf(text.slice(2)) === cursor) return text.slice(2);
  } catch {
    // Not base64: refused below like any other text that is no cursor.
  }
  throw badCursor();
}

/** A page out of a list that was asked for one item more than `limit`. */
export function paged<T>(items: readonly T[], limit: number, place: (item: T) => number | string) {
  const data = items.slice(0, limit);
  const last = data.at(-1);
  return { data, nextCursor: items.length > limit && last !== undefined ? cursorOf(place(last)) : null };
}

function badCursor() {
  return invalid({
    path: 'query/cursor',
    expected: 'a nextCursor that this list gave out',
    got: 'another text',
  });
}
