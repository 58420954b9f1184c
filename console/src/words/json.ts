/** JSON laid out for reading, from its text: numbers keep their digits, and no depth is too deep. */

/** Beyond this, deeper levels are no further to the right. */
const MAX_INDENT = 12;

/** What is no JSON comes out as some text all the same: the caller shows it as it came. */
export function laidOut(text: string): string {
  const out: string[] = [];
  let level = 0;
  const line = () => `\n${'  '.repeat(Math.min(level, MAX_INDENT))}`;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at] ?? '';
    if (character === '"') {
      const end = endOfString(text, at);
      out.push(text.slice(at, end));
      at = end - 1;
    } else if (character === '{' || character === '[') {
      const next = nextVisible(text, at + 1);
      const closing = character === '{' ? '}' : ']';
      if (text[next] === closing) {
        out.push(character, closing);
        at = next;
      } else {
        level += 1;
        out.push(character, line());
      }
    } else if (character === '}' || character === ']') {
      level = Math.max(0, level - 1);
      out.push(line(), character);
    } else if (character === ',') out.push(',', line());
    else if (character === ':') out.push(': ');
    else if (!isBlank(character)) out.push(character);
  }
  return out.join('');
}

/** Is it JSON? Some is too deep for a browser's own parser. */
export function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch (error) {
    return error instanceof RangeError;
  }
}

function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === '"') return at + 1;
  }
  return text.length;
}

function nextVisible(text: string, start: number): number {
  let at = start;
  while (at < text.length && isBlank(text[at] ?? '')) at += 1;
  return at;
}

function isBlank(character: string): boolean {
  return character === ' ' || character === '\n' || character === '\r' || character === '\t';
}
