import { expect, test } from 'vitest';
import { readableLine } from '../../scripts/relay/readable-line.ts';

test('a line of the log is its time, what happened and its facts', () => {
  const line = JSON.stringify({
    at: '2026-11-28T14:03:07.120Z',
    level: 'info',
    what: 'attempt',
    hook: 7,
    outcome: 'delivered',
    error: null,
  });
  expect(readableLine(line)).toMatch(/^\d\d:03:07 attempt hook=7 outcome=delivered$/);
});

test('what is more than information is marked', () => {
  const line = JSON.stringify({
    at: '2026-11-28T14:03:07.120Z',
    level: 'warn',
    what: 'switches',
    ingest: 'paused',
  });
  expect(readableLine(line)).toMatch(/:07 WARN switches ingest=paused$/);
});

test.each(['', 'plain text', '{"at":"cut', '{"other":1}'])('%j stays as it is', (line) => {
  expect(readableLine(line)).toBe(line);
});
