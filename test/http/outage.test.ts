import { describe, expect, it, vi } from 'vitest';
import { refusalFor } from '../../src/http/problem.ts';

const codeOf = (error: Error) => {
  vi.spyOn(console, 'error').mockReturnValue();
  const { code } = refusalFor(error);
  vi.restoreAllMocks();
  return code;
};

describe('B6: an error of storage or of an object is 503, not a fault of this code', () => {
  it.each([
    'database or disk is full: SQLITE_FULL',
    'disk I/O error: SQLITE_IOERR',
    'unable to open database file: SQLITE_CANTOPEN',
    'database is locked: SQLITE_BUSY',
    'string or blob too big: SQLITE_TOOBIG',
    'Network connection lost.',
    'internal error; reference = 0123456789abcdef',
    'Durable Object is overloaded. Too many requests for the same object within a 10 second window.',
    'Durable Object reset because its code was updated.',
    'Durable Object storage operation exceeded timeout which caused object to be reset.',
    'broken.outputGateBroken; jsg.Error: crashed',
    'Exceeded the storage limit of this object',
    'no answer within 2000 ms',
  ])('%s', (message) => {
    expect(codeOf(new Error(message))).toBe('unavailable');
  });

  it.each(['remote', 'retryable', 'overloaded', 'durableObjectReset'])('what is marked %s', (mark) => {
    expect(codeOf(Object.assign(new Error('whatever'), { [mark]: true }))).toBe('unavailable');
  });

  it.each([
    "Cannot read properties of undefined (reading 'x')",
    'a storage of words',
    'expected no answer',
    'sqlite_full',
  ])('but not %s', (message) => {
    expect(codeOf(new TypeError(message))).toBe('internal');
  });
});
