/**
 * As many bytes of nothing. What is overwritten with it leaves the file: SQLite writes in place what keeps its length,
 * while a row that changes its length leaves its bytes behind.
 */
export function blankOf(text: string): string {
  return ' '.repeat(bytesOf(text));
}

/** The same for a text within JSON, where it may take more bytes than by itself. */
export function blankWithinJson(text: string): string {
  return ' '.repeat(bytesOf(JSON.stringify(text)) - 2);
}

/** White space at its end, which JSON may have, until it is as long as another text, if it was shorter. */
export function padded(json: string, bytes: number): string {
  return json + ' '.repeat(Math.max(0, bytes - bytesOf(json)));
}

export function bytesOf(text: string): number {
  return new TextEncoder().encode(text).byteLength;
}
