/** The items of a batch: the elements of an array, or of the arrays at one place of all elements of another. */
import { type Document } from './document.ts';

/** The pointers of a split, each parted at its stars; null: the body is one event. */
export type Splits = readonly (readonly string[])[] | null;

/** One item, and of each `*` on the way to it the element that it came from. */
export interface SplitItem {
  readonly item: Document;
  readonly parents: readonly Document[];
}

export type Splitting =
  | { readonly kind: 'items'; readonly items: readonly SplitItem[] }
  /** `path`: a JSON Pointer into the body. */
  | { readonly kind: 'no-list'; readonly path: string }
  | { readonly kind: 'too-many' };

export const MAX_ITEMS = 1000;
/** Of elements on the way to items, which may have none of them. */
const MAX_PARENTS = 10_000;

/** A pointer parted at its stars: the first leads to a list, each further one from an element of it to another list. */
export function pointerSegments(pointer: string): string[] {
  return pointer.split(/\/\*(?=\/|$)/);
}

/** By the first pointer that leads to a list. */
export function splitDocument(body: Document, splits: NonNullable<Splits>): Splitting {
  let missing: Splitting | null = null;
  for (const split of splits) {
    const splitting = splitAt(body, split);
    if (splitting.kind !== 'no-list') return splitting;
    missing ??= splitting;
  }
  return missing ?? { kind: 'no-list', path: '' };
}

function splitAt(body: Document, [first = '', ...others]: readonly string[]): Splitting {
  const top = body.elements(first);
  if (top === null) return { kind: 'no-list', path: first };
  let found: SplitItem[] = top.map((item) => ({ item, parents: [] }));
  for (const segment of others) {
    if (found.length > MAX_PARENTS) return { kind: 'too-many' };
    found = found.flatMap(({ item, parents }) =>
      (item.elements(segment) ?? []).map((inner) => ({ item: inner, parents: [...parents, item] })),
    );
  }
  return found.length > MAX_ITEMS ? { kind: 'too-many' } : { kind: 'items', items: found };
}
