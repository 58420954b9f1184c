/**
 * Text as CloudEvents 1.0 allows it in a context attribute: no control characters, no noncharacters, no half of a
 * surrogate pair. Source: CloudEvents 1.0.2, type system.
 */
const FORBIDDEN = /[\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}]/u;
const ALL_FORBIDDEN = new RegExp(FORBIDDEN, 'gu');

export function isAttributeText(text: string): boolean {
  return text !== '' && !FORBIDDEN.test(text);
}

/** The same text with U+FFFD wherever a character is not allowed. */
export function attributeText(text: string): string {
  return text.replace(ALL_FORBIDDEN, '\u{fffd}');
}
