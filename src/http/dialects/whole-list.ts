/** Lists of the dialects have no pages: theirs are read one by one, so that no answer of an object has to hold all of it. */
export async function wholeList<P extends { readonly next: number | null }, T>(
  read: (after: number | null) => Promise<P>,
  itemsOf: (page: P) => readonly T[],
): Promise<T[]> {
  const items: T[] = [];
  let after: number | null = null;
  do {
    const page: P = await read(after);
    items.push(...itemsOf(page));
    after = page.next;
  } while (after !== null);
  return items;
}
