/** A media type with its parameters (RFC 9110 §8.3.1), as a header can carry it. */
const TOKEN = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]+";
const QUOTED = String.raw`"(?:[\t\x20\x21\x23-\x5b\x5d-\x7e]|\\[\t\x20-\x7e])*"`;
/** Of the spaces around a semicolon each has one place here, so that no text is tried in many ways. */
const PARAMETERS = `(?:[\\t ]*;(?:[\\t ]*${TOKEN}=(?:${TOKEN}|${QUOTED}))?)*[\\t ]*`;
const MEDIA_TYPE = new RegExp(`^${TOKEN}/${TOKEN}${PARAMETERS}$`);

export function isMediaType(text: string): boolean {
  return MEDIA_TYPE.test(text);
}
