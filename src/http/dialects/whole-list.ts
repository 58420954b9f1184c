/**
 * Lists of the dialects, which have no pages. Theirs are read page by page and answered as one, up to 4 MiB and a number of calls:
 * more than a client of theirs knows what to do with. Beyond that the answer ends early, and its `link` header has the URL
 * at which the same call goes on.
 */
import * as z from 'zod';
import type { AppEnv } from '../context.ts';
import { jsonBytes, PAGE_BYTES, type List } from '../paging.ts';
import type { Context } from 'hono';

export const LinkCursor = z
  .string()
  .meta({ description: 'As in the Link header of an answer that ended early.' });

/** With what authentication takes, below the 40 that a list may cost. */
const CALLS = 36;

interface Items<T> {
  /** In the order of their ids. */
  readonly items: readonly T[];
  /** Id after which the next page begins; null: there are no more. */
  readonly next: number | null;
}

/** `read`: the page after an id. */
export async function wholeList<T>(
  after: number | null,
  idOf: (item: T) => number,
  read: (after: number | null) => Promise<Items<T>>,
): Promise<Items<T>> {
  const items: T[] = [];
  let bytes = 2;
  let next = after;
  for (let calls = 0; calls < CALLS; calls += 1) {
    const page = await read(next);
    for (const item of page.items) {
      bytes += jsonBytes(item) + 1;
      const last = items.at(-1);
      if (last !== undefined && bytes > PAGE_BYTES) return { items, next: idOf(last) };
      items.push(item);
    }
    next = page.next;
    if (next === null) break;
  }
  return { items, next };
}

/** Says where a list goes on that has ended early. */
export function linkNext(c: Context<AppEnv>, list: List, next: number | null): void {
  const cursor = list.cursorOf(next);
  if (cursor === null) return;
  const url = new URL(c.req.url);
  url.searchParams.set('cursor', cursor);
  c.header('link', `<${url.pathname}${url.search}>; rel="next"`);
}
