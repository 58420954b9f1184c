/** URIs as text (RFC 3986), with characters beyond ASCII where RFC 3987 has them. Judges the spelling and follows nothing. */

const PLAIN = String.raw`A-Za-z0-9\-._~!$&'()*+,;=`;
const ESCAPED = String.raw`%[0-9A-Fa-f]{2}`;
const BEYOND_ASCII = String.raw`\u{a0}-\u{d7ff}\u{f900}-\u{fdcf}\u{fdf0}-\u{ffef}\u{10000}-\u{10fffd}`;
const some = (also: string) => `(?:[${PLAIN}${BEYOND_ASCII}${also}]|${ESCAPED})*`;

const SCHEME = String.raw`[A-Za-z][A-Za-z0-9+.\-]*:`;
const HOST = String.raw`(?:\[[0-9A-Fa-fv:.]+\]|${some('')})`;
const AUTHORITY = String.raw`//(?:${some(':')}@)?${HOST}(?::\d*)?`;
const PATH = some(':@/');
/** Without a scheme a colon in the first segment would be taken for the end of one. */
const RELATIVE_PATH = `(?:/(?!/)${PATH}|(?!/)${some('@')}(?:/${PATH})?)`;
const REST = String.raw`(?:\?${some(':@/?')})?(?:#${some(':@/?')})?`;

const HIERARCHY = `(?:${AUTHORITY}(?:/${PATH})?|(?!//)${PATH})`;
const ABSOLUTE = new RegExp(`^${SCHEME}${HIERARCHY}${REST}$`, 'u');
const RELATIVE = new RegExp(`^(?:${AUTHORITY}(?:/${PATH})?|${RELATIVE_PATH})${REST}$`, 'u');

/** A URI with a scheme; it may have a fragment. */
export function isAbsoluteUri(text: string): boolean {
  return ABSOLUTE.test(text) && hasGoodAddress(text);
}

/** A URI, or what stands for one against a base: `/orders`, `../a?b`, `#c`. */
export function isUriReference(text: string): boolean {
  return text !== '' && (isAbsoluteUri(text) || (RELATIVE.test(text) && hasGoodAddress(text)));
}

/** An IPv6 address in brackets is one. */
function hasGoodAddress(text: string): boolean {
  const [, address] = /^[^/?#]*\/\/(?:[^/?#@]*@)?\[([^\]]*)\]/.exec(text) ?? [];
  return address === undefined || URL.canParse(`http://[${address}]/`);
}
