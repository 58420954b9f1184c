/**
 * The syntax of `linear-regex.ts`: what JavaScript and RE2 have in common and an automaton can run. Literals, `.`,
 * sets, \d \w \s \b and their opposites, groups, `|`, `*` `+` `?` `{n,m}` (lazy ones too, which match the same texts),
 * `^` `$`, and the flags i, m, s in front as `(?i)`. Characters are code points.
 */

export interface CharSet {
  readonly ranges: readonly (readonly [low: number, high: number])[];
  readonly isNegated: boolean;
  readonly foldsCase: boolean;
}

export type Assertion = 'start' | 'end' | 'line-start' | 'line-end' | 'word-edge' | 'no-word-edge';

/** `size` counts the instructions a node becomes, before any of them is made. */
export type Node = { readonly size: number } & (
  | { readonly kind: 'char'; readonly set: CharSet }
  | { readonly kind: 'assert'; readonly assertion: Assertion }
  | { readonly kind: 'sequence'; readonly parts: readonly Node[] }
  | { readonly kind: 'either'; readonly options: readonly Node[] }
  | { readonly kind: 'repeat'; readonly part: Node; readonly min: number; readonly max: number | null }
);

export type RegexSyntaxReading =
  | { readonly ok: true; readonly node: Node }
  | { readonly ok: false; readonly expected: string; readonly got: string };

export const MAX_PATTERN_CHARACTERS = 1_000;
/** Instructions after counted repetitions are written out: the most threads a character can meet. */
export const MAX_REGEX_SIZE = 1_000;
const MAX_GROUP_LEVELS = 50;
const MAX_CODE = 0x10ffff;

type Ranges = readonly (readonly [number, number])[];

const DIGITS: Ranges = [[0x30, 0x39]];
const WORD: Ranges = [...DIGITS, [0x41, 0x5a], [0x5f, 0x5f], [0x61, 0x7a]];
const SPACE: Ranges = [
  [0x09, 0x0d],
  [0x20, 0x20],
];
const NEWLINE: Ranges = [[0x0a, 0x0a]];
const CLASSES: Readonly<Record<string, Ranges>> = { d: DIGITS, w: WORD, s: SPACE };
const CONTROLS: Readonly<Record<string, number>> = { t: 0x09, n: 0x0a, v: 0x0b, f: 0x0c, r: 0x0d };
const ASSERTIONS: Readonly<Record<string, Assertion>> = {
  b: 'word-edge',
  B: 'no-word-edge',
  A: 'start',
  z: 'end',
};

class Refused extends Error {
  readonly expected: string;
  readonly got: string;

  constructor(expected: string, got: string) {
    super(expected);
    this.expected = expected;
    this.got = got;
  }
}

/** Reads a pattern. A refusal says at which character. */
export function parseRegex(pattern: string): RegexSyntaxReading {
  try {
    return { ok: true, node: new Parser(pattern).whole() };
  } catch (error) {
    if (error instanceof Refused) return { ok: false, expected: error.expected, got: error.got };
    throw error;
  }
}

class Parser {
  readonly #chars: readonly string[];
  #at = 0;
  #flags = { i: false, m: false, s: false };
  #levels = 0;

  constructor(pattern: string) {
    this.#chars = Array.from(pattern);
    if (pattern.length < 1 || pattern.length > MAX_PATTERN_CHARACTERS) {
      throw new Refused(
        `a pattern of 1 to ${MAX_PATTERN_CHARACTERS} characters`,
        `${pattern.length} characters`,
      );
    }
  }

  whole(): Node {
    this.#leadingFlags();
    const node = this.#either();
    if (this.#at < this.#chars.length) this.#refuse('a ( for each )');
    return node;
  }

  #leadingFlags(): void {
    const [flags, letters] = /^\(\?([ims]+)\)/.exec(this.#chars.slice(0, 8).join('')) ?? [];
    if (flags === undefined || letters === undefined) return;
    for (const letter of letters) this.#flags[letter as 'i' | 'm' | 's'] = true;
    this.#at = flags.length;
  }

  #either(): Node {
    const options = [this.#sequence()];
    while (this.#take('|')) options.push(this.#sequence());
    const [only] = options;
    if (options.length === 1 && only !== undefined) return only;
    return this.#sized({ kind: 'either', options, size: 1 + options.length + sizeOf(options) });
  }

  #sequence(): Node {
    const parts: Node[] = [];
    while (this.#at < this.#chars.length && this.#peek() !== '|' && this.#peek() !== ')') {
      parts.push(this.#repeated());
    }
    return this.#sized({ kind: 'sequence', parts, size: sizeOf(parts) });
  }

  #repeated(): Node {
    const start = this.#at;
    const part = this.#atom();
    const count = this.#count();
    if (count === null) return part;
    if (part.kind === 'assert') this.#refuse('something to repeat', start);
    this.#take('?');
    if (this.#count() !== null) this.#refuse('one count after what it repeats');
    const { min, max } = count;
    const size = max === null ? (min + 1) * part.size + 2 : min * part.size + (max - min) * (part.size + 1);
    return this.#sized({ kind: 'repeat', part, min, max, size });
  }

  #count(): { min: number; max: number | null } | null {
    if (this.#take('*')) return { min: 0, max: null };
    if (this.#take('+')) return { min: 1, max: null };
    if (this.#take('?')) return { min: 0, max: 1 };
    const [braces, low, comma, high] =
      /^\{(\d{1,4})(,?)(\d{0,4})\}/.exec(this.#chars.slice(this.#at, this.#at + 12).join('')) ?? [];
    if (braces === undefined || low === undefined || (comma === '' && high !== '')) return null;
    const min = Number(low);
    const max = comma === '' ? min : high === '' || high === undefined ? null : Number(high);
    if (max !== null && max < min) this.#refuse('counts in rising order');
    this.#at += braces.length;
    return { min, max };
  }

  #atom(): Node {
    const char = this.#next();
    switch (char) {
      case '(':
        return this.#group();
      case '[':
        return this.#char(this.#set());
      case '.':
        return this.#char({ ranges: this.#flags.s ? [] : NEWLINE, isNegated: true, foldsCase: false });
      case '^':
        return { kind: 'assert', assertion: this.#flags.m ? 'line-start' : 'start', size: 1 };
      case '$':
        return { kind: 'assert', assertion: this.#flags.m ? 'line-end' : 'end', size: 1 };
      case '\\':
        return this.#escaped();
      case '*':
      case '+':
      case '?':
        return this.#refuse('something to repeat', this.#at - 1);
      default:
        return this.#char(this.#literal(char));
    }
  }

  #group(): Node {
    if (this.#take('?')) {
      const [head] = /^(:|P?<[A-Za-z_]\w*>)/.exec(this.#chars.slice(this.#at, this.#at + 60).join('')) ?? [];
      if (head === undefined) {
        this.#refuse(
          'groups as (…), (?:…) or (?<name>…); look-around and flags inside cannot run in linear time',
        );
      }
      this.#at += head.length;
    }
    this.#levels += 1;
    if (this.#levels > MAX_GROUP_LEVELS) this.#refuse(`groups up to ${MAX_GROUP_LEVELS} levels deep`);
    const node = this.#either();
    this.#levels -= 1;
    if (!this.#take(')')) this.#refuse('a ) for each (');
    return node;
  }

  #escaped(): Node {
    const char = this.#peek();
    const assertion = char === undefined ? undefined : ASSERTIONS[char];
    if (assertion !== undefined) {
      this.#at += 1;
      return { kind: 'assert', assertion, size: 1 };
    }
    const named = this.#classEscape();
    if (named !== null) return this.#char({ ...named, foldsCase: false });
    const code = this.#codeEscape();
    return this.#char({ ranges: [[code, code]], isNegated: false, foldsCase: this.#flags.i });
  }

  /** After the backslash: \d \w \s and their opposites; null and nothing taken for anything else. */
  #classEscape(): { ranges: Ranges; isNegated: boolean } | null {
    const char = this.#peek();
    const ranges = char === undefined ? undefined : CLASSES[char.toLowerCase()];
    if (ranges === undefined || char === undefined) return null;
    this.#at += 1;
    return { ranges, isNegated: char !== char.toLowerCase() };
  }

  /** After the backslash: one character. */
  #codeEscape(): number {
    const start = this.#at - 1;
    const [hex, two, four, some] =
      /^(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|[xu]\{([0-9a-fA-F]{1,6})\})/.exec(
        this.#chars.slice(this.#at, this.#at + 10).join(''),
      ) ?? [];
    if (hex !== undefined) {
      this.#at += hex.length;
      const code = parseInt(two ?? four ?? some ?? '', 16);
      return code <= MAX_CODE ? code : this.#refuse('a character', start);
    }
    const char = this.#next();
    const control = CONTROLS[char];
    if (control !== undefined) return control;
    if (/[A-Za-z0-9]/.test(char)) {
      this.#refuse(
        'an escape among \\d \\w \\s \\b \\A \\z \\t \\n \\r \\f \\v \\xHH \\uHHHH or of punctuation',
        start,
      );
    }
    return codeOf(char);
  }

  #set(): CharSet {
    const start = this.#at - 1;
    const isNegated = this.#take('^');
    const ranges: (readonly [number, number])[] = [];
    for (let isFirst = true; isFirst || this.#peek() !== ']'; isFirst = false) {
      if (this.#at >= this.#chars.length) this.#refuse('a ] for each [', start);
      if (this.#peek() === '[' && this.#chars[this.#at + 1] === ':') this.#refuse('sets without [:names:]');
      const low = this.#member();
      if (typeof low !== 'number') {
        ranges.push(...low);
        continue;
      }
      const isRange = this.#peek() === '-' && (this.#chars[this.#at + 1] ?? ']') !== ']';
      if (!isRange) {
        ranges.push([low, low]);
        continue;
      }
      this.#at += 1;
      const high = this.#member();
      if (typeof high !== 'number' || high < low) this.#refuse('ranges in rising order');
      ranges.push([low, high]);
    }
    this.#at += 1;
    return { ranges, isNegated, foldsCase: this.#flags.i };
  }

  /** One character of a set, or the characters of a class in it. */
  #member(): number | Ranges {
    const char = this.#next();
    if (char !== '\\') return codeOf(char);
    const named = this.#classEscape();
    if (named !== null) return named.isNegated ? opposite(named.ranges) : named.ranges;
    return this.#take('b') ? 0x08 : this.#codeEscape();
  }

  #literal(char: string): CharSet {
    const code = codeOf(char);
    return { ranges: [[code, code]], isNegated: false, foldsCase: this.#flags.i };
  }

  #char(set: CharSet): Node {
    return { kind: 'char', set, size: 1 };
  }

  #sized(node: Node): Node {
    return node.size <= MAX_REGEX_SIZE
      ? node
      : this.#refuse(`a pattern of at most ${MAX_REGEX_SIZE} steps with its counts written out`);
  }

  #peek(): string | undefined {
    return this.#chars[this.#at];
  }

  #next(): string {
    const char = this.#peek();
    if (char === undefined) return this.#refuse('more of the pattern');
    this.#at += 1;
    return char;
  }

  #take(char: string): boolean {
    if (this.#peek() !== char) return false;
    this.#at += 1;
    return true;
  }

  #refuse(expected: string, at = this.#at): never {
    const rest = this.#chars.slice(at, at + 10).join('');
    throw new Refused(expected, `${rest === '' ? 'the end' : JSON.stringify(rest)} at character ${at + 1}`);
  }
}

function sizeOf(nodes: readonly Node[]): number {
  return nodes.reduce((size, node) => size + node.size, 0);
}

function codeOf(char: string): number {
  return char.codePointAt(0) ?? 0;
}

function opposite(ranges: Ranges): Ranges {
  const found: (readonly [number, number])[] = [];
  let from = 0;
  for (const [low, high] of ranges) {
    if (low > from) found.push([from, low - 1]);
    from = high + 1;
  }
  return [...found, [from, MAX_CODE]];
}
