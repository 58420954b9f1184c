/** Lists: limit, order and cursor in the query, `data` and `nextCursor` in the answer. */
import { hash } from 'node:crypto';
import type { Context } from 'hono';
import * as z from 'zod';
import type { AppEnv } from './context.ts';
import { invalid } from './problem.ts';

const MAX_LIMIT = 200;
const DIGEST_CHARACTERS = 11;

/** Digits alone: what else JavaScript reads as a number is none here. */
const Limit = z
  .preprocess((text) => (/^\d{1,9}$/.test(String(text)) ? Number(text) : text), z.int().min(1).max(MAX_LIMIT))
  .default(50)
  .meta({ description: 'How many items at most.' });

export const PageQuery = z.object({
  limit: Limit,
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

/**
 * A list as one call asks for it. Its cursors are opaque texts for places in it; they are good for this list alone, with
 * the same filters and in the same order.
 */
export class List {
  readonly #digest: string;

  /** `about`: what tells it from every other list. */
  constructor(about: readonly unknown[]) {
    this.#digest = hash('sha256', JSON.stringify(about), 'base64url').slice(0, DIGEST_CHARACTERS);
  }

  cursorOf(place: number | string | null): string | null {
    return place === null ? null : textToBase64Url(`${this.#digest}.${place}`);
  }

  /** The place a cursor stands for; throws a refusal when this list never gave it out. */
  placeOf(cursor: string | undefined): number | null {
    const text = this.textOf(cursor);
    if (text === null) return null;
    const place = Number(text);
    if (!/^(?:0|[1-9]\d{0,15})$/.test(text) || !Number.isSafeInteger(place)) throw badCursor();
    return place;
  }

  /** The same where the place is a text. */
  textOf(cursor: string | undefined): string | null {
    if (cursor === undefined) return null;
    const mine = `${this.#digest}.`;
    const text = base64UrlToText(cursor);
    if (text?.startsWith(mine) !== true || textToBase64Url(text) !== cursor) throw badCursor();
    return text.slice(mine.length);
  }

  /** A page out of what was asked for one item more than `limit`. */
  page<T>(items: readonly T[], limit: number, place: (item: T) => number | string) {
    const data = items.slice(0, limit);
    const last = data.at(-1);
    return {
      data,
      nextCursor: items.length > limit && last !== undefined ? this.cursorOf(place(last)) : null,
    };
  }
}

/** The list that stands at the path of this call, for its tenant. `filters`: whatever changes what is in it, or the order. */
export function listOf(c: Context<AppEnv>, filters: Readonly<Record<string, unknown>>): List {
  return new List([c.req.path, c.get('tenant').tenant, filters]);
}

function textToBase64Url(text: string): string {
  return btoa(text).replaceAll('=', '').replaceAll('+', '-').replaceAll('/', '_');
}

function base64UrlToText(text: string): string | null {
  try {
    return atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  } catch {
    return null;
  }
}

function badCursor() {
  return invalid({
    path: 'query/cursor',
    expected: 'a nextCursor of this list, with the same filters and order',
    got: 'another text',
  });
}
