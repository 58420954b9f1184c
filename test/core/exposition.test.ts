/** Prometheus' text format. */
import { expect, test } from 'vitest';
import { exposition } from '../../src/core/exposition.ts';

test('a family has its help and its type, and each sample a line with its labels', () => {
  const text = exposition([
    {
      name: 'a_total',
      help: 'How many.',
      type: 'counter',
      samples: [
        { labels: { tenant: 't', hook: '1' }, value: 3 },
        { labels: {}, value: 0.5 },
      ],
    },
    { name: 'none', help: 'Nothing.', type: 'gauge', samples: [] },
    { name: 'b', help: 'B.', type: 'gauge', samples: [{ labels: {}, value: Infinity }] },
  ]);
  expect(text).toBe(
    [
      '# HELP a_total How many.',
      '# TYPE a_total counter',
      'a_total{tenant="t",hook="1"} 3',
      'a_total 0.5',
      '# HELP b B.',
      '# TYPE b gauge',
      'b +Inf',
      '',
    ].join('\n'),
  );
});

test.each([
  ['back\\slash', 'back\\\\slash'],
  ['"quoted"', '\\"quoted\\"'],
  ['two\nlines', 'two\\nlines'],
  ['\\"\n', '\\\\\\"\\n'],
])('the label %j cannot leave its quotes', (value, escaped) => {
  const text = exposition([
    { name: 'a', help: value, type: 'gauge', samples: [{ labels: { l: value }, value: 1 }] },
  ]);
  expect(text.split('\n')[2]).toBe(`a{l="${escaped}"} 1`);
  expect(text.split('\n')).toHaveLength(4);
});
