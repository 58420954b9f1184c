/**
 * Regular expressions whose running time grows with the length of the text and never faster: all threads of the
 * pattern's automaton advance together, one character at a time. What cannot run so (look-around, back references) is
 * refused. Answers only whether a text matches somewhere.
 * Source: https://swtch.com/~rsc/regexp/regexp2.html
 */
import { parseRegex, type Assertion, type CharSet, type Node } from './regex-syntax.ts';

export type RegexReading =
  | { readonly ok: true; readonly regex: LinearRegex }
  | { readonly ok: false; readonly expected: string; readonly got: string };

/** What one thread does next. A place is an index into the program. */
type Instruction =
  | { readonly kind: 'char'; readonly set: CharSet }
  | { readonly kind: 'assert'; readonly assertion: Assertion; readonly next: number }
  | { readonly kind: 'split'; readonly places: readonly number[] }
  | { readonly kind: 'match' };

export class LinearRegex {
  readonly #program: readonly Instruction[];

  private constructor(program: readonly Instruction[]) {
    this.#program = program;
  }

  static read(pattern: string): RegexReading {
    const reading = parseRegex(pattern);
    if (!reading.ok) return reading;
    return { ok: true, regex: new LinearRegex(programOf(reading.node)) };
  }

  /**
   * Whether some part of the text matches.
   * @param spend told how many threads were looked at for each character; may throw to end it
   */
  test(text: string, spend: (steps: number) => void = () => undefined): boolean {
    const program = this.#program;
    let now: number[] = [];
    let next: number[] = [];
    const seen = new Int32Array(program.length).fill(-1);
    let before = -1;
    for (let at = 0; at <= text.length;) {
      const code = at < text.length ? (text.codePointAt(at) ?? -1) : -1;
      const width = code > 0xffff ? 2 : 1;
      // A match may begin here too.
      if (addThread(program, now, seen, 0, at, before, code)) return true;
      spend(now.length + 1);
      if (code === -1) return false;
      const after = at + width < text.length ? (text.codePointAt(at + width) ?? -1) : -1;
      for (const place of now) {
        const instruction = program[place];
        if (instruction?.kind !== 'char' || !has(instruction.set, code)) continue;
        if (addThread(program, next, seen, place + 1, at + width, code, after)) return true;
      }
      [now, next] = [next, now];
      next.length = 0;
      before = code;
      at += width;
    }
    return false;
  }
}

/**
 * Adds the thread at this place, or those it splits into, to those that wait for a character. `seen` holds for each
 * place the position in the text at which it was last added, so that no thread is there twice.
 * Whether one of them has matched.
 */
function addThread(
  program: readonly Instruction[],
  threads: number[],
  seen: Int32Array,
  start: number,
  at: number,
  before: number,
  after: number,
): boolean {
  const pending = [start];
  for (let place = pending.pop(); place !== undefined; place = pending.pop()) {
    if (seen[place] === at) continue;
    seen[place] = at;
    const instruction = program[place];
    switch (instruction?.kind) {
      case 'match':
        return true;
      case 'split':
        pending.push(...instruction.places);
        break;
      case 'assert':
        if (holds(instruction.assertion, before, after)) pending.push(instruction.next);
        break;
      default:
        threads.push(place);
    }
  }
  return false;
}

function holds(assertion: Assertion, before: number, after: number): boolean {
  switch (assertion) {
    case 'start':
      return before === -1;
    case 'end':
      return after === -1;
    case 'line-start':
      return before === -1 || before === 0x0a;
    case 'line-end':
      return after === -1 || after === 0x0a;
    case 'word-edge':
      return isWord(before) !== isWord(after);
    case 'no-word-edge':
      return isWord(before) === isWord(after);
  }
}

function isWord(code: number): boolean {
  return (
    (code >= 0x30 && code <= 0x39) ||
    (code >= 0x41 && code <= 0x5a) ||
    (code >= 0x61 && code <= 0x7a) ||
    code === 0x5f
  );
}

function has({ ranges, isNegated, foldsCase }: CharSet, code: number): boolean {
  return (isListed(ranges, code) || (foldsCase && isListedInOtherCase(ranges, code))) !== isNegated;
}

function isListed(ranges: CharSet['ranges'], code: number): boolean {
  for (const [low, high] of ranges) if (code >= low && code <= high) return true;
  return false;
}

function isListedInOtherCase(ranges: CharSet['ranges'], code: number): boolean {
  const char = String.fromCodePoint(code);
  return [char.toLowerCase(), char.toUpperCase()].some((other) =>
    isListed(ranges, other.codePointAt(0) ?? -1),
  );
}

function programOf(node: Node): Instruction[] {
  const program: Instruction[] = [];
  write(node, program);
  program.push({ kind: 'match' });
  return program;
}

/** Each node's instructions end where the next one's begin. */
function write(node: Node, program: Instruction[]): void {
  switch (node.kind) {
    case 'char':
      program.push({ kind: 'char', set: node.set });
      break;
    case 'assert':
      program.push({ kind: 'assert', assertion: node.assertion, next: program.length + 1 });
      break;
    case 'sequence':
      for (const part of node.parts) write(part, program);
      break;
    case 'either': {
      const fork = program.length;
      program.push({ kind: 'split', places: [] });
      const starts: number[] = [];
      const exits: number[] = [];
      for (const option of node.options) {
        starts.push(program.length);
        write(option, program);
        exits.push(program.length);
        program.push({ kind: 'split', places: [] });
      }
      program[fork] = { kind: 'split', places: starts };
      for (const exit of exits) program[exit] = { kind: 'split', places: [program.length] };
      break;
    }
    case 'repeat': {
      for (let count = 0; count < node.min; count += 1) write(node.part, program);
      if (node.max === null) {
        const loop = program.length;
        program.push({ kind: 'split', places: [] });
        write(node.part, program);
        program.push({ kind: 'split', places: [loop] });
        program[loop] = { kind: 'split', places: [loop + 1, program.length] };
        break;
      }
      const skips: number[] = [];
      for (let count = node.min; count < node.max; count += 1) {
        skips.push(program.length);
        program.push({ kind: 'split', places: [] });
        write(node.part, program);
      }
      for (const skip of skips) program[skip] = { kind: 'split', places: [skip + 1, program.length] };
    }
  }
}
