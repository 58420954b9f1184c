/**
 * The note on its way to the switchboard: arguments travel in a header, which takes ASCII only and a limited length.
 * Four letters a character whatever the script, so the longest note is 800 of them; lone surrogates survive too.
 */
const LETTERS = 4;
const NOTE = /^(?:[A-Za-z0-9+/]{4})*$/;

export function encodedNote(note: string): string {
  return Array.from(note, (character) => {
    const point = character.codePointAt(0) ?? 0;
    return btoa(String.fromCharCode(point >> 16, (point >> 8) & 0xff, point & 0xff));
  }).join('');
}

/** Throws on what `encodedNote` never gives. */
export function decodedNote(text: string): string {
  if (!NOTE.test(text)) throw new Error('note: expected four letters for each character');
  let note = '';
  for (let at = 0; at < text.length; at += LETTERS) {
    const [high = 0, middle = 0, low = 0] = Array.from(atob(text.slice(at, at + LETTERS)), (byte) =>
      byte.charCodeAt(0),
    );
    note += String.fromCodePoint((high << 16) | (middle << 8) | low);
  }
  return note;
}
