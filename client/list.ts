/** A list of the relay: its items one after the other, over all pages, or page by page. */
export interface Page<T> {
  readonly data: readonly T[];
  /** null: there are no more. */
  readonly nextCursor: string | null;
}

export class List<T> implements AsyncIterable<T> {
  readonly #fetchPage: (cursor: string | undefined) => Promise<Page<T>>;

  constructor(fetchPage: (cursor: string | undefined) => Promise<Page<T>>) {
    this.#fetchPage = fetchPage;
  }

  /** One page: the first, or the one that a `nextCursor` stands for. */
  page(cursor?: string): Promise<Page<T>> {
    return this.#fetchPage(cursor);
  }

  async *pages(): AsyncGenerator<Page<T>, undefined> {
    let cursor: string | undefined;
    do {
      const page = await this.#fetchPage(cursor);
      yield page;
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, undefined> {
    for await (const page of this.pages()) yield* page.data;
  }

  /** The first items, at most `most` of them. */
  async take(most: number): Promise<T[]> {
    const items: T[] = [];
    if (most <= 0) return items;
    for await (const item of this) {
      items.push(item);
      if (items.length >= most) break;
    }
    return items;
  }

  all(): Promise<T[]> {
    return this.take(Infinity);
  }
}
