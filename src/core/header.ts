/**
 * What HTTP headers can carry, and how many of them one delivery may have. The bounds are kept here, before anything is
 * sent: far beyond them the runtime itself fails (more than 24,576 headers end its process), and receivers refuse
 * much less.
 */

/** Of one delivery, whoever has set them. */
export const MAX_HEADERS = 128;
/** Names and values of one delivery together. */
export const MAX_HEADER_BYTES = 32 * 1024;

const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** One byte a character: what lies above U+00FF has no byte. */
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
const PLAIN = /^[\x21\x23\x24\x26-\x7e]*$/;

export function isHeaderName(text: string): boolean {
  return NAME.test(text);
}

/** Can a header have this value? Line breaks and other control characters are what it cannot have. */
export function isHeaderValue(text: string): boolean {
  return VALUE.test(text);
}

/** What comes with a content type that no header can carry is bytes like any other. */
export function carriedContentType<None>(contentType: string | null, none: None): string | None {
  if (contentType === null) return none;
  return isHeaderValue(contentType) ? contentType : 'application/octet-stream';
}

/**
 * Any text as a header value: printable ASCII stays, the rest is percent-encoded, as CloudEvents does it in binary mode.
 * What would exceed `maxBytes` is left out, whole characters at a time.
 */
export function headerText(text: string, maxBytes = Infinity): string {
  if (PLAIN.test(text)) return text.slice(0, maxBytes);
  let encoded = '';
  for (const character of text) {
    const piece = PLAIN.test(character) ? character : encodeURIComponent(character.toWellFormed());
    if (encoded.length + piece.length > maxBytes) break;
    encoded += piece;
  }
  return encoded;
}

/** Why no request may carry these headers, in words and without a value; null: one may. */
export function headersProblem(headers: Readonly<Record<string, string>>): string | null {
  const names = Object.keys(headers);
  if (names.length > MAX_HEADERS) return `expected at most ${MAX_HEADERS} headers, got ${names.length}`;
  let bytes = 0;
  for (const name of names) {
    const value = headers[name] ?? '';
    if (!isHeaderName(name)) return `expected the name of a header, got ${JSON.stringify(name.slice(0, 64))}`;
    if (!isHeaderValue(value)) return `expected ${name} to be text that a header can carry, got another`;
    bytes += name.length + value.length;
  }
  return bytes > MAX_HEADER_BYTES
    ? `expected at most ${MAX_HEADER_BYTES} bytes of headers, got ${bytes}`
    : null;
}
