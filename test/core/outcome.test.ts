import { describe, expect, test } from 'vitest';
import {
  type AttemptError,
  classifyThrown,
  OTHER_STATUS,
  type Outcome,
  OUTCOME_TABLE,
  outcomeOf,
  type TransportError,
} from '../../src/core/outcome.ts';

function answer(status: number, giveUpOn: readonly number[] = [], retryAfter: string | null = null): Outcome {
  return outcomeOf({ kind: 'answer', status, retryAfter }, giveUpOn);
}

/** No row before this one has the status. */
function isOf(row: (typeof OUTCOME_TABLE)[number], status: number): boolean {
  const first = OUTCOME_TABLE.find(
    ({ statuses }) =>
      statuses !== 'give-up-on' && statuses.some(([from, to]) => status >= from && status <= to),
  );
  return first === row;
}

/** Contract §6 written out by hand, apart from the table under test. */
const STATUSES: readonly [status: number, kind: Outcome['kind'], error: AttemptError | null][] = [
  [200, 'delivered', null],
  [201, 'delivered', null],
  [202, 'delivered', null],
  [204, 'delivered', null],
  [299, 'delivered', null],
  [300, 'failed', 'redirect'],
  [301, 'failed', 'redirect'],
  [302, 'failed', 'redirect'],
  [304, 'failed', 'redirect'],
  [307, 'failed', 'redirect'],
  [308, 'failed', 'redirect'],
  [399, 'failed', 'redirect'],
  [101, 'failed', 'status'],
  [199, 'failed', 'status'],
  [400, 'failed', 'status'],
  [401, 'failed', 'status'],
  [404, 'failed', 'status'],
  [409, 'failed', 'status'],
  [410, 'gone', 'status'],
  [411, 'failed', 'status'],
  [429, 'failed', 'status'],
  [500, 'failed', 'status'],
  [503, 'failed', 'status'],
  [519, 'failed', 'status'],
  [520, 'failed', 'unreachable'],
  [530, 'failed', 'unreachable'],
  [531, 'failed', 'status'],
  [599, 'failed', 'status'],
  [999, 'failed', 'status'],
];

describe('every status has the outcome of contract §6 and keeps its number', () => {
  test.each(STATUSES)('%d', (status, kind, error) => {
    expect(answer(status)).toMatchObject({
      kind,
      statusCode: status,
      ...(error === null ? {} : { error }),
    });
  });
});

describe('each row of the table decides over its whole range', () => {
  test.each(OUTCOME_TABLE)('$answer', (row) => {
    const isList = row.statuses === 'give-up-on';
    for (const status of isList ? [400, 503] : row.statuses.flat().filter((some) => isOf(row, some))) {
      const outcome = answer(status, isList ? [400, 503] : []);
      expect(outcome.kind).toBe(row.outcome);
      expect(outcome.kind === 'failed' ? outcome.about : null).toBe(row.about);
    }
  });

  test(OTHER_STATUS.answer, () => {
    const { outcome: kind, error, about } = OTHER_STATUS;
    expect(answer(599)).toMatchObject({ kind, error, about });
  });
});

describe('B1: what a failure is about: the contract names each 4xx', () => {
  const RECEIVER = [401, 402, 403, 404, 407, 408, 421, 423, 425, 426, 429, 451];
  const statuses = Array.from({ length: 100 }, (_, at) => 400 + at).filter((status) => status !== 410);

  test.each([400, 405, 406, 409, 411, 412, 413, 414, 415, 416, 417, 422, 424, 431])(
    '%d: the request',
    (status) => {
      expect(answer(status)).toMatchObject({ kind: 'failed', about: 'request' });
    },
  );

  test.each(RECEIVER)('%d: the receiver', (status) => {
    expect(answer(status)).toMatchObject({ kind: 'failed', about: 'receiver' });
  });

  test('every other 4xx: the request; whatever is no 4xx: the receiver', () => {
    for (const status of statuses)
      expect(answer(status), String(status)).toMatchObject({
        about: RECEIVER.includes(status) ? 'receiver' : 'request',
      });
    for (const status of [101, 302, 500, 503, 520, 599, 999])
      expect(answer(status), String(status)).toMatchObject({ about: 'receiver' });
  });
});

describe('giveUpOn', () => {
  test('a listed status gives up and keeps the error it would have had', () => {
    expect(answer(400, [400, 404])).toEqual({ kind: 'gave-up', statusCode: 400, error: 'status' });
    expect(answer(521, [521])).toEqual({ kind: 'gave-up', statusCode: 521, error: 'unreachable' });
  });

  test('a status that is not listed is retried', () => {
    expect(answer(401, [400, 404]).kind).toBe('failed');
  });

  test('an earlier row wins: a listed 2xx is delivered, 3xx fails, 410 disables', () => {
    const listed = [200, 302, 410];
    expect(listed.map((status) => answer(status, listed).kind)).toEqual(['delivered', 'failed', 'gone']);
  });

  test('a listed 503 gives up although it asks to come back', () => {
    expect(answer(503, [503], '5').kind).toBe('gave-up');
  });
});

test('Retry-After counts on 429 and 503 only', () => {
  for (const status of [429, 503]) expect(answer(status, [], '120')).toMatchObject({ retryAfter: '120' });
  for (const status of [302, 404, 500, 530])
    expect(answer(status, [], '120')).toMatchObject({ retryAfter: null });
});

test.each<TransportError>(['timeout', 'connection-lost', 'unreachable', 'target-refused'])(
  'an attempt without an answer fails as %s, without a status',
  (error) => {
    expect(outcomeOf({ kind: 'failed', error }, [0, 500])).toEqual({
      kind: 'failed',
      statusCode: null,
      error,
      about: 'receiver',
      retryAfter: null,
    });
  },
);

describe('a rejected fetch', () => {
  const abort = new AbortController();
  abort.abort();

  test.each<[string, unknown, TransportError]>([
    ['DNS or TLS', new Error('internal error; reference = 0123456789abcdef'), 'unreachable'],
    ['refused or reset', new Error('Network connection lost.'), 'connection-lost'],
    ['our own abort', abort.signal.reason, 'timeout'],
    ['our own abort with a reason', new DOMException('deadline', 'TimeoutError'), 'timeout'],
    ['a type error', new TypeError('Invalid header value.'), 'connection-lost'],
    ['no error at all', 'internal error', 'connection-lost'],
    ['null', null, 'connection-lost'],
    ['undefined', undefined, 'connection-lost'],
  ])('%s', (_name, thrown, error) => {
    expect(classifyThrown(thrown)).toBe(error);
  });
});
