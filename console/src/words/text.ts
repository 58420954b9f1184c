/** Text of strangers, made fit to be looked at: nothing in it moves, hides or reorders what stands around it. */

/** Controls, marks that change direction, what takes no room, and halves of surrogate pairs. Line breaks and tabs stay. */
const UNSEEN =
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** What cannot be seen is written out as its code point, such as ⟨U+202E⟩. */
export function visible(text: string): string {
  return text.replaceAll('\r\n', '\n').replaceAll(UNSEEN, (character) => {
    const hex = character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');
    return `⟨U+${hex}⟩`;
  });
}

/** The first characters, and how many there are in all; no pair of surrogates is cut in two. */
export function cut(text: string, most: number): { readonly shown: string; readonly isCut: boolean } {
  if (text.length <= most) return { shown: text, isCut: false };
  const last = text.charCodeAt(most - 1);
  const end = last >= 0xd800 && last <= 0xdbff ? most - 1 : most;
  return { shown: text.slice(0, end), isCut: true };
}

export function count(n: number, one: string, many = `${one}s`): string {
  return `${n.toLocaleString('en')} ${n === 1 ? one : many}`;
}
