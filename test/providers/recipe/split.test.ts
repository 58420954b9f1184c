import { expect, test } from 'vitest';
import { JsonDocument } from '../../../src/providers/recipe/document.ts';
import { pointerSegments, splitDocument } from '../../../src/providers/recipe/split.ts';

const SPLITS = ['', '/groups/*/items', '/items'].map(pointerSegments);

function split(body: string): unknown {
  const splitting = splitDocument(new JsonDocument(body), SPLITS);
  return splitting.kind === 'items'
    ? splitting.items.map(({ item, parents }) => [item.text, parents.map(({ text }) => text)])
    : splitting;
}

test('of several splits the first that leads to a list counts', () => {
  expect(split('[1,2]')).toEqual([
    ['1', []],
    ['2', []],
  ]);
  expect(split('{"groups":[{"items":[1]}],"items":[2]}')).toEqual([['1', ['{"items":[1]}']]]);
  expect(split('{"items":[2]}')).toEqual([['2', []]]);
});

test('where none leads to a list the first is the one that is missed', () => {
  expect(split('{"a":1}')).toEqual({ kind: 'no-list', path: '' });
});
