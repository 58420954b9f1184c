/**
 * As many bytes of nothing. What is overwritten with it leaves the file: SQLite writes in place what keeps its length,
 * while a row that changes its length leaves its bytes behind.
 */
export function blankOf(text: string): string {
  return ' '.repeat(new TextEncoder().encode(text).byteLength);
}
