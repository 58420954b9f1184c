/** The examples that the documentation gives of filters are filters. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readFilters } from '../../src/core/filter/filter.ts';

const page = readFileSync(
  join(import.meta.dirname, '..', '..', 'docs', 'receive', 'choose-events.md'),
  'utf8',
);
const examples = [...page.matchAll(/^```json\n([\s\S]*?)^```/gm)].map(
  ([, text = '']) => JSON.parse(text) as unknown,
);

test('there are twenty of them', () => {
  expect(examples).toHaveLength(20);
});

test.each(examples.map((example) => [JSON.stringify(example), example]))('%s', (_text, example) => {
  expect(readFilters(example)).toMatchObject({ ok: true });
});
