/**
 * Which of many subscriptions want an event: a trie over type segments, so that the work of one match grows
 * with the patterns that fit the type and not with the number of hooks.
 * Agrees with `matches()` of `pattern.ts` on every pattern and type; keeps nothing but what was added.
 */
import { ANY_SEGMENT, isReserved, type Pattern, segmentsOf } from './pattern.ts';

interface Node<T> {
  readonly children: Map<string, Node<T>>;
  /** Where a `*` in this place leads. Apart from `children`, as a type may itself hold a `*`. */
  wildcard: Node<T> | null;
  /** Wanted when the type ends here. */
  readonly ending: Set<T>;
  /** Wanted when at least one more segment follows. */
  readonly open: Set<T>;
}

/** Counts the trie nodes that a match enters; for tests and measurements. */
export interface MatchTrace {
  visitedNodes: number;
}

export class Matcher<T> {
  /** One trie for each source; under null the subscriptions to all sources. */
  readonly #tries = new Map<string | null, Node<T>>();
  readonly #places = new Map<T, { patterns: readonly Pattern[]; sources: readonly (string | null)[] }[]>();

  /**
   * Adds `value` under each of `patterns`, for `sources` only or, with null, for every event, also one without a
   * source. Adding a value again adds to what it wants.
   */
  add(patterns: readonly Pattern[], sources: readonly string[] | null, value: T): void {
    const place = { patterns, sources: sources ?? [null] };
    const places = this.#places.get(value);
    if (places === undefined) this.#places.set(value, [place]);
    else places.push(place);

    for (const source of place.sources) {
      let trie = this.#tries.get(source);
      if (trie === undefined) this.#tries.set(source, (trie = newNode()));
      for (const pattern of patterns) insert(trie, pattern, value);
    }
  }

  /** Removes `value` from wherever it was added; an unknown one is no error. Leaves no empty node behind. */
  remove(value: T): void {
    for (const { patterns, sources } of this.#places.get(value) ?? []) {
      for (const source of sources) {
        const trie = this.#tries.get(source);
        if (trie === undefined) continue;
        for (const pattern of patterns) erase(trie, pattern, value, 0);
        if (isEmpty(trie)) this.#tries.delete(source);
      }
    }
    this.#places.delete(value);
  }

  /** The values that want an event of this type from this source (null: an own event without one), each once. */
  match(type: string, sourceId: string | null, trace?: MatchTrace): Set<T> {
    const segments = segmentsOf(type);
    const found = new Set<T>();
    for (const source of sourceId === null ? [null] : [null, sourceId]) {
      const trie = this.#tries.get(source);
      if (trie !== undefined) collect(trie, segments, 0, found, trace);
    }
    return found;
  }
}

function newNode<T>(): Node<T> {
  return { children: new Map(), wildcard: null, ending: new Set(), open: new Set() };
}

function insert<T>(trie: Node<T>, pattern: Pattern, value: T): void {
  let node = trie;
  for (const segment of pattern.segments) {
    let next = childOf(node, segment);
    if (next === null) {
      next = newNode<T>();
      if (segment === ANY_SEGMENT) node.wildcard = next;
      else node.children.set(segment, next);
    }
    node = next;
  }
  (pattern.isOpen ? node.open : node.ending).add(value);
}

function erase<T>(node: Node<T>, pattern: Pattern, value: T, depth: number): void {
  const segment = pattern.segments[depth];
  if (segment === undefined) {
    (pattern.isOpen ? node.open : node.ending).delete(value);
    return;
  }
  const next = childOf(node, segment);
  if (next === null) return;
  erase(next, pattern, value, depth + 1);
  if (!isEmpty(next)) return;
  if (segment === ANY_SEGMENT) node.wildcard = null;
  else node.children.delete(segment);
}

function collect<T>(
  node: Node<T>,
  segments: readonly string[],
  depth: number,
  found: Set<T>,
  trace: MatchTrace | undefined,
): void {
  if (trace !== undefined) trace.visitedNodes += 1;
  const segment = segments[depth];
  if (segment === undefined) {
    for (const value of node.ending) found.add(value);
    return;
  }
  const child = node.children.get(segment);
  if (child !== undefined) collect(child, segments, depth + 1, found, trace);
  // In first place a wildcard does not reach reserved types; the root's `open` holds `*` alone.
  if (depth === 0 && isReserved(segments)) return;
  for (const value of node.open) found.add(value);
  if (node.wildcard !== null) collect(node.wildcard, segments, depth + 1, found, trace);
}

function childOf<T>(node: Node<T>, segment: string): Node<T> | null {
  return segment === ANY_SEGMENT ? node.wildcard : (node.children.get(segment) ?? null);
}

function isEmpty<T>(node: Node<T>): boolean {
  return node.children.size === 0 && node.wildcard === null && node.ending.size === 0 && node.open.size === 0;
}
