/** Lists: limit, order and cursor in the query, `data` and `nextCursor` in the answer. */
import { hash } from 'node:crypto';
import type { Context } from 'hono';
import * as z from 'zod';
import type { AppEnv } from './context.ts';
import { invalid } from './problem.ts';

const MAX_LIMIT = 200;
const DIGEST_CHARACTERS = 11;
/** Of the body of an answer. */
export const PAGE_BYTES = 4 * 1024 * 1024;
/** Of these the body around its items. */
const FRAME_BYTES = 200;

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

export interface Page<Json> {
  readonly data: Json[];
  readonly nextCursor: string | null;
}

type Place<T> = (item: T) => number | string;

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

  /** A page out of what was asked for one item more than `limit`. It ends early at 4 MiB. */
  page<T, Json>(items: readonly T[], limit: number, place: Place<T>, json: (item: T) => Json): Page<Json> {
    const some = items.slice(0, limit);
    const last = some.at(-1);
    const next = items.length > limit && last !== undefined ? place(last) : null;
    return this.pageUpTo(some, next, place, json);
  }

  /** The same of items after which the list goes on at `next`; null: there are no more. */
  pageUpTo<T, Json>(
    items: readonly T[],
    next: number | string | null,
    place: Place<T>,
    json: (item: T) => Json,
  ): Page<Json> {
    const data: Json[] = [];
    let bytes = FRAME_BYTES;
    let last: number | string | null = null;
    for (const item of items) {
      const shown = json(item);
      bytes += jsonBytes(shown) + 1;
      if (last !== null && bytes > PAGE_BYTES) return { data, nextCursor: this.cursorOf(last) };
      data.push(shown);
      last = place(item);
    }
    return { data, nextCursor: this.cursorOf(next) };
  }
}

/** The list that stands at the path of this call, for its tenant. `filters`: whatever changes what is in it, or the order. */
export function listOf(c: Context<AppEnv>, filters: Readonly<Record<string, unknown>>): List {
  return new List([c.req.path, c.get('tenant').tenant, filters]);
}

export function jsonBytes(value: unknown): number {
  return new TextEncoder().encode(JSON.stringify(value)).byteLength;
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

export function badCursor() {
  return invalid({
    path: 'query/cursor',
    expected: 'a nextCursor of this list, with the same filters and order',
    got: 'another text',
  });
}
