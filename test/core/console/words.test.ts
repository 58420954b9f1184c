/** What the console says, and how it shows text of strangers. */
import { describe, expect, test } from 'vitest';
import { type Failure, unexpected, unreachable } from '../../../console/src/relay/failure.ts';
import { type Known, needsAttention } from '../../../console/src/words/attention.ts';
import { bySubject } from '../../../console/src/words/backlog.ts';
import { errorsAt, told } from '../../../console/src/words/failure.ts';
import { laidOut } from '../../../console/src/words/json.ts';
import { may } from '../../../console/src/words/permission.ts';
import { rateWords } from '../../../console/src/words/rates.ts';
import { reasonWords, waitingWords } from '../../../console/src/words/reason.ts';
import {
  NEW_SIGNATURE,
  signatureFormsOf,
  signaturesIn,
  signaturesProblem,
} from '../../../console/src/words/signature-form.ts';
import { NEW_SOURCE, sourceChanges } from '../../../console/src/words/source-form.ts';
import { cut, visible } from '../../../console/src/words/text.ts';
import { relative, span } from '../../../console/src/words/time.ts';
import type {
  Delivery,
  DeliveryRow,
  HookRow,
  Series,
  Source,
  Switches,
} from '../../../console/src/relay/answers.ts';
import { REASONS } from '../../../src/core/delivery.ts';
import { DELIVERY_WAIT_REASONS } from '../../../src/core/health.ts';
import { ROLES } from '../../../src/core/role.ts';
import { PROBLEMS } from '../../../src/http/problem.ts';

const refused = (status: number, code: string): Failure => ({ ...unexpected(status), code });

describe('text of strangers', () => {
  test('what cannot be seen is written out; what can stays', () => {
    expect(visible('a\u202eb\u0000c\ufeff')).toBe('a⟨U+202E⟩b⟨U+0000⟩c⟨U+FEFF⟩');
    expect(visible('two\nlines\tand \u{1f4ef} <b>ק</b>')).toBe('two\nlines\tand \u{1f4ef} <b>ק</b>');
    expect(visible('\ud83d half')).toBe('⟨U+D83D⟩ half');
  });

  test('a cut leaves no half of a character', () => {
    expect(cut('ab\u{1f4ef}', 3)).toEqual({ shown: 'ab', isCut: true });
    expect(cut('ab', 2)).toEqual({ shown: 'ab', isCut: false });
  });

  test('JSON is laid out with its digits, and however deep it is', () => {
    expect(laidOut('{"a":100.0,"b":[],"c":"x,{\\"}"}')).toBe(
      '{\n  "a": 100.0,\n  "b": [],\n  "c": "x,{\\"}"\n}',
    );
    const deep = '['.repeat(20_000) + ']'.repeat(20_000);
    expect(laidOut(deep).replaceAll(/\s/g, '')).toBe(deep);
  });
});

describe('times', () => {
  test.each([
    [0, '0 s'],
    [59, '59 s'],
    [60, '1 min'],
    [3_661, '1 h 1 min'],
    [90_000, '1 d 1 h'],
  ])('%s seconds are %s', (seconds, words) => {
    expect(span(seconds)).toBe(words);
  });

  test('before and after now', () => {
    const nowMs = Date.parse('2026-01-01T00:00:00Z');
    expect(relative('2025-12-31T23:59:00Z', nowMs)).toBe('1 min ago');
    expect(relative('2026-01-01T00:00:03Z', nowMs)).toBe('in 3 s');
  });
});

describe('what went wrong', () => {
  test('every problem of the relay is told in words of its own', () => {
    const titles = Object.entries(PROBLEMS).map(([code, [status]]) => {
      const { title, advice } = told(refused(status, code));
      expect(advice).not.toBe('');
      return title;
    });
    // What the console never causes is told like any other answer of its status.
    expect(new Set(titles).size).toBeGreaterThanOrEqual(titles.length - 3);
    expect(told(unreachable()).title).toBe('No answer from the relay.');
  });

  test('how long to wait is said where the relay says it', () => {
    const failure = { ...refused(429, 'rate-limited'), retryAfterSeconds: 60 };
    expect(told(failure).advice).toBe('Wait 1 min, then try again.');
  });

  test('the page of a proxy is no answer of the relay', () => {
    expect(told(unexpected(403)).title).toContain('not one of a Posthorn relay');
  });

  test('errors stand at their field', () => {
    const errors = [
      { path: '/retry/jitter', expected: 'at most 0.5', got: '2' },
      { path: '/url', expected: 'https', got: 'ftp' },
    ];
    const failure = { ...refused(400, 'invalid'), errors };
    expect(errorsAt(failure, 'url')).toBe('expected https, got ftp');
    expect(errorsAt(failure, 'retry')).toBe('jitter: expected at most 0.5, got 2');
    expect(errorsAt(failure, 'name')).toBeNull();
  });
});

test('every reason of the relay has a sentence', () => {
  for (const reason of REASONS) expect(reasonWords(reason)).not.toMatch(/^Reason:/);
  for (const reason of DELIVERY_WAIT_REASONS) expect(waitingWords(reason)).not.toMatch(/^It waits:/);
});

test('a viewer changes nothing, a subscriber only hooks, a publisher only publishes', () => {
  const changes = ['changeHooks', 'changeTenant', 'publish', 'operate'] as const;
  const allowed = (role: (typeof ROLES)[number] | 'operator') =>
    changes.filter((permission) => may(role, permission));
  expect(Object.fromEntries([...ROLES, 'operator' as const].map((role) => [role, allowed(role)]))).toEqual({
    admin: ['changeHooks', 'changeTenant', 'publish'],
    subscriber: ['changeHooks'],
    publisher: ['publish'],
    viewer: [],
    operator: ['changeHooks', 'changeTenant', 'publish', 'operate'],
  });
});

describe('what needs attention', () => {
  const nowMs = Date.parse('2026-01-01T01:00:00Z');
  const stats = {
    pending: 0,
    delivered: 9,
    dead: 0,
    consecutiveFailures: 0,
    lastSuccessAt: null,
    lastFailureAt: null,
    lastError: null,
  };
  const hook = (id: number, members: Partial<HookRow>, counts: Partial<HookRow['stats']> = {}): HookRow =>
    ({
      id,
      name: '',
      state: 'active',
      stateReason: null,
      waiting: null,
      ...members,
      stats: { ...stats, ...counts },
    }) as HookRow;

  const known = (members: Partial<Known>): Known => ({
    hooks: [],
    sources: [],
    deliveries: [],
    switches: null,
    ...members,
  });

  test('worst first, each with its cause and what helps', () => {
    const hooks = [
      hook(1, {}),
      hook(2, { state: 'paused' }, { pending: 3 }),
      hook(3, {}, { dead: 1 }),
      hook(
        4,
        { waiting: { reason: 'failing', until: null } },
        { pending: 2, consecutiveFailures: 7, lastError: 'timeout' },
      ),
      hook(5, { state: 'disabled', stateReason: 'gone' }, { pending: 1 }),
      hook(6, { oldestPendingAt: '2026-01-01T00:00:00Z' }, { pending: 1 }),
    ];
    const deliveries = [{ hookId: 3, lastStatusCode: 422, lastError: 'status' }] as DeliveryRow[];
    expect(
      needsAttention(known({ hooks, deliveries }), nowMs).map(({ name, cause, said, remedies }) => [
        name,
        cause,
        said,
        remedies[0]?.label,
      ]),
    ).toEqual([
      ['Hook 5', 'Disabled: its receiver answered 410 Gone. 1 delivery waits.', null, 'Resume'],
      ['Hook 4', 'Failing: 7 failures in a row. 2 deliveries wait.', 'no answer in time', 'See its failures'],
      [
        'Hook 6',
        'Behind: the oldest delivery has waited for 1 h. 1 delivery waits.',
        null,
        'What is pending',
      ],
      [
        'Hook 3',
        '1 delivery is dead: no further attempt is made unless you ask for one.',
        'answered 422',
        'See them',
      ],
      ['Hook 2', 'Paused. 3 deliveries wait.', null, 'Resume'],
    ]);
  });

  test('what the operator has paused is said once, not for every hook that waits for it', () => {
    const waiting = { reason: 'delivery-paused', until: null } as const;
    const hooks = [hook(1, { waiting }, { pending: 3 }), hook(2, { waiting }, { pending: 1 })];
    const causes = (switches: Switches | null) =>
      needsAttention(known({ hooks, switches }), nowMs).map(({ cause, remedies }) => [
        cause,
        remedies.length,
      ]);
    expect(causes(null)).toEqual([['The operator has paused delivery: no hook sends.', 0]]);
    const paused = { ingest: 'paused', delivery: 'paused', note: '', updatedAt: null } as Switches;
    expect(causes(paused).map(([cause]) => cause)).toEqual([
      'The operator has paused delivery: no hook sends.',
      'The operator has paused ingest: every provider is answered 503.',
    ]);
  });

  test('a source that refuses, until something comes through again', () => {
    const source = (lastAcceptedAt: string | null) =>
      ({
        id: 'src_1',
        name: 'shop',
        stats: {
          rejected: { signature: 2, malformed: 0, tooLarge: 0 },
          lastAcceptedAt,
          lastRejectedAt: '2026-01-01T00:00:00Z',
          lastRejection: 'signature',
        },
      }) as Source;
    expect(needsAttention(known({ sources: [source(null)] }), nowMs)[0]?.cause).toContain(
      '2 requests refused',
    );
    expect(needsAttention(known({ sources: [source('2026-01-01T00:00:01Z')] }), nowMs)).toEqual([]);
  });
});

test('a backlog is told subject by subject, the longest first, with the delivery that has to go first', () => {
  const waiting = (eventId: string, subject: string | null) => ({ eventId, subject }) as Delivery;
  const newestFirst = [waiting('3', 'a'), waiting('2', null), waiting('1', 'a')];
  expect(
    bySubject(newestFirst).map(({ subject, deliveries, first }) => [subject, deliveries, first.eventId]),
  ).toEqual([
    ['a', 2, '1'],
    [null, 1, '2'],
  ]);
});

test('an error rate counts attempts; without any there is none', () => {
  const hour = (members: object) => ({ at: '2026-01-01T00:00:00Z', ...members });
  const series = (...data: object[]) => ({ step: 'hour', data }) as Series;
  expect(rateWords(series(hour({ delivered: 0, failed: 0 })))).toBe('No attempt was made.');
  expect(
    rateWords(
      series(
        hour({ delivered: 2, failed: 1, durationP50Ms: 5, durationP95Ms: 9 }),
        hour({ delivered: 1, failed: 0, durationP50Ms: null, durationP95Ms: null }),
      ),
    ),
  ).toBe(
    '3 deliveries succeeded and 1 attempt failed: an error rate of 25 %. In the last hour with attempts, half of them took 5 ms or less, and 95 % 9 ms or less.',
  );
});

describe('a form sends what was changed, and nothing else', () => {
  const signature = {
    header: 'x-sig',
    secret: '***',
    scheme: 'hmac',
    digest: 'sha256',
    key: 'text',
  } as const;
  const kept = { ...signature, encoding: 'hex', message: ['{timestamp}', '.', '{body}'] } as const;

  test('a signature keeps its secret by the mask and its message in one text', () => {
    const [form] = signatureFormsOf({ signatures: [{ ...kept, message: [...kept.message] }] });
    expect(form).toMatchObject({ secret: '***', message: '{timestamp}.{body}', prefix: '' });
    expect(signaturesIn(form === undefined ? [] : [form])).toEqual([
      { ...kept, message: ['{timestamp}.{body}'] },
    ]);
    expect(signaturesProblem([{ ...NEW_SIGNATURE, secret: 's', message: 'no body' }])).toContain('{body}');
  });

  test('a source: what is emptied is null, what stays is left out', () => {
    const before = { ...NEW_SOURCE, name: 'shop', options: { environment: 'test' }, paths: { time: '/at' } };
    expect(sourceChanges(before, before)).toEqual({});
    expect(
      sourceChanges(before, { ...before, name: 'store', options: {}, paths: { time: '/when' } }),
    ).toEqual({
      name: 'store',
      options: { environment: null },
      paths: { time: '/when' },
    });
    const withSite = { ...before, site: { url: 'https://crm.example', authorization: '***' } };
    expect(sourceChanges(withSite, { ...withSite, site: { ...withSite.site, appToken: 't' } })).toEqual({
      site: { appToken: 't' },
    });
    expect(sourceChanges(withSite, { ...withSite, site: {} })).toEqual({ site: null });
  });
});
