/** The figures that the source keeps to; `npm run figures` prints them. */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  circles,
  MAX_LINES,
  MAX_MEDIAN_LINES,
  medianLines,
  sourceFiles,
  type SourceFile,
} from '../../scripts/figures/house.ts';

const files = sourceFiles(join(import.meta.dirname, '..', '..'));

describe('the source', () => {
  test('has files in all of its folders', () => {
    for (const folder of ['src/', 'client/', 'cli/', 'console/src/'])
      expect(files.some(({ path }) => path.startsWith(folder))).toBe(true);
  });

  test(`no file has more than ${MAX_LINES} lines: part it by subject`, () => {
    const over = files.filter(({ lines }) => lines > MAX_LINES).map(({ path, lines }) => `${path}: ${lines}`);
    expect(over).toEqual([]);
  });

  test(`the median file has at most ${MAX_MEDIAN_LINES} lines`, () => {
    expect(medianLines(files)).toBeLessThanOrEqual(MAX_MEDIAN_LINES);
  });

  test('no folder imports another in a circle, types included', () => {
    const found = circles(files).map((circle) =>
      circle.map(({ from, to, file, imported }) => `${from} → ${to}: ${file} imports ${imported}`),
    );
    expect(found).toEqual([]);
  });
});

describe('a circle', () => {
  const importing = (imports: Readonly<Record<string, readonly string[]>>): SourceFile[] =>
    Object.entries(imports).map(([path, targets]) => ({ path, lines: 1, imports: targets }));

  test('between two folders is found, with the files that make it', () => {
    const found = circles(
      importing({ 'src/a/one.ts': ['src/b/two.ts'], 'src/b/three.ts': ['src/a/one.ts'] }),
    );
    expect(found).toEqual([
      [
        { from: 'src/a', to: 'src/b', file: 'src/a/one.ts', imported: 'src/b/two.ts' },
        { from: 'src/b', to: 'src/a', file: 'src/b/three.ts', imported: 'src/a/one.ts' },
      ],
    ]);
  });

  test('through a file beside the folder is found', () => {
    const found = circles(importing({ 'src/env.ts': ['src/a/one.ts'], 'src/a/one.ts': ['src/env.ts'] }));
    expect(found.map((circle) => circle.map(({ from }) => from))).toEqual([['src/env.ts', 'src/a']]);
  });

  test('is none where a subfolder uses what lies beside it, or two files of a folder name each other', () => {
    const found = circles(
      importing({
        'src/a/one.ts': ['src/a/part/two.ts', 'src/a/three.ts'],
        'src/a/part/two.ts': ['src/a/four.ts'],
        'src/a/three.ts': ['src/a/one.ts'],
      }),
    );
    expect(found).toEqual([]);
  });
});
