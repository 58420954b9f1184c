/** test/CASES.md says which test proves which case. What it names must be there. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..', '..');
/** How many cases each letter has. */
const CASES = { A: 9, B: 15, C: 6, D: 6, E: 5, F: 11, G: 4, H: 13, I: 14, J: 8, K: 27 };

interface Proof {
  readonly id: string;
  readonly file: string;
  readonly isGroup: boolean;
  readonly title: string;
}

const table = readFileSync(join(ROOT, 'test', 'CASES.md'), 'utf8');
/** What was found from outside has letters and numbers of its own. */
const [ownCases = '', foundOutside = ''] = table.split('## Faults from outside');
/** How many faults each letter has. A row comes with the test that shows its fault mended. */
const FAULTS = { A: 18, B: 11, C: 12, D: 15, E: 13 };

/** The cells of all table rows, their heads left out. */
function rowsOf(text: string): string[][] {
  const isRow = (line: string) => line.startsWith('|') && !/^\|( case | fault |[ |:-]+$)/.test(line);
  const cells = (line: string) => line.split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll('\\|', '|'));
  return text
    .split('\n')
    .filter(isRow)
    .map((line) => cells(line).slice(1, -1));
}

function readProofs(): Proof[] {
  let above = '';
  return rowsOf(table).map(([id = '', , file = '', test = '']) => {
    above = id === '' ? above : id;
    const [, group, title] = /^(group: )?`(.+)`$/.exec(test) ?? [];
    if (title === undefined) throw new Error(`${above}: expected a name in backticks, got ${test}`);
    return { id: above, file, isGroup: group !== undefined, title };
  });
}

/** The calls that have a title, as in `test('…', ` and `describe.each(…)('…', `. */
function names(source: string, { isGroup, title }: Proof): boolean {
  const literal = title.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&').replaceAll("'", "\\\\?'");
  const callee = isGroup
    ? String.raw`(?:\bdescribe(?:\.\w+)*|\))`
    : String.raw`(?:\b(?:test|it)(?:\.\w+)*|\))`;
  return new RegExp(`${callee}\\(\\s*(['"\`])${literal}\\1,`).test(source);
}

const proofs = readProofs();

test('every test that the table of cases names is there', () => {
  const sources = new Map<string, string>();
  for (const file of new Set(proofs.map(({ file }) => file))) {
    const path = join(ROOT, file);
    sources.set(file, existsSync(path) ? readFileSync(path, 'utf8') : '');
  }
  const missing = proofs.filter((proof) => !names(sources.get(proof.file) ?? '', proof));
  expect(proofs.length).toBeGreaterThan(200);
  expect(missing.map(({ id, file, title }) => `${id}: ${file}: ${title}`)).toEqual([]);
});

test('every case stands in the table once', () => {
  expect(idsIn(ownCases).toSorted()).toEqual(numbered(CASES).toSorted());
});

test('a fault from outside stands in its table once, in order', () => {
  const listed = idsIn(foundOutside);
  expect(listed).toEqual(numbered(FAULTS).filter((id) => listed.includes(id)));
});

function idsIn(text: string): string[] {
  return rowsOf(text)
    .map(([id = '']) => id)
    .filter((id) => id !== '');
}

function numbered(counts: Readonly<Record<string, number>>): string[] {
  return Object.entries(counts).flatMap(([letter, count]) =>
    Array.from({ length: count }, (_, at) => `${letter}${at + 1}`),
  );
}
