import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Matcher, type MatchTrace } from '../../src/core/matcher.ts';
import { matches, parsePattern, type Pattern } from '../../src/core/pattern.ts';

function patterns(...texts: string[]): Pattern[] {
  return texts.map((text) => {
    const reading = parsePattern(text);
    if (!reading.ok) throw new Error(`${text}: expected ${reading.expected}`);
    return reading.pattern;
  });
}

interface Subscription {
  readonly id: number;
  readonly patterns: readonly Pattern[];
  readonly sources: readonly string[] | null;
}

const words = fc.constantFrom('a', 'b', 'A', 'contact', 'posthorn', '110');
const pattern = fc
  .array(fc.oneof(words, fc.constant('*')), { minLength: 1, maxLength: 4 })
  .map((parts) => patterns(parts.join('.'))[0] as Pattern);
const subscription = fc.record({
  patterns: fc.array(pattern, { minLength: 1, maxLength: 4 }),
  sources: fc.option(fc.uniqueArray(fc.constantFrom('src_1', 'src_2', 'src_3'))),
});
const subscriptions = fc
  .array(subscription, { maxLength: 12 })
  .map((list) => list.map((one, id): Subscription => ({ id, ...one })));
const type = fc
  .array(fc.oneof(words, fc.constantFrom('', '*')), { minLength: 1, maxLength: 5 })
  .map((parts) => parts.join('.'));
const source = fc.option(fc.constantFrom('src_1', 'src_2', 'src_3', 'src_4'));

function scan(list: readonly Subscription[], eventType: string, sourceId: string | null): Set<number> {
  const wanted = list.filter(
    (one) =>
      (one.sources === null || (sourceId !== null && one.sources.includes(sourceId))) &&
      one.patterns.some((candidate) => matches(candidate, eventType)),
  );
  return new Set(wanted.map((one) => one.id));
}

function matcherOf(list: readonly Subscription[]): Matcher<number> {
  const matcher = new Matcher<number>();
  for (const one of list) matcher.add(one.patterns, one.sources, one.id);
  return matcher;
}

test('the index finds what a scan with matches() finds', () => {
  fc.assert(
    fc.property(subscriptions, type, source, (list, eventType, sourceId) => {
      expect(matcherOf(list).match(eventType, sourceId)).toEqual(scan(list, eventType, sourceId));
    }),
    { numRuns: 3000 },
  );
});

test('after removals the index finds what a scan over the rest finds', () => {
  fc.assert(
    fc.property(subscriptions, fc.array(fc.nat(11)), type, source, (list, removed, eventType, sourceId) => {
      const matcher = matcherOf(list);
      for (const id of removed) matcher.remove(id);
      const rest = list.filter((one) => !removed.includes(one.id));
      expect(matcher.match(eventType, sourceId)).toEqual(scan(rest, eventType, sourceId));
    }),
    { numRuns: 2000 },
  );
});

test('a value is found once, however many of its patterns fit, and removed from all of them', () => {
  const matcher = new Matcher<string>();
  matcher.add(patterns('*', 'a.*', 'a.b', '*.b'), null, 'hook');
  matcher.add(patterns('a.b'), ['src_1'], 'hook');
  expect([...matcher.match('a.b', 'src_1')]).toEqual(['hook']);
  matcher.remove('hook');
  expect([...matcher.match('a.b', 'src_1')]).toEqual([]);
});

test('a hook limited to sources does not see an event without one, a hook limited to none sees nothing', () => {
  const matcher = new Matcher<string>();
  matcher.add(patterns('*'), ['src_1'], 'limited');
  matcher.add(patterns('*'), [], 'none');
  matcher.add(patterns('*'), null, 'all');
  expect(matcher.match('a', null)).toEqual(new Set(['all']));
  expect(matcher.match('a', 'src_2')).toEqual(new Set(['all']));
  expect(matcher.match('a', 'src_1')).toEqual(new Set(['all', 'limited']));
});

test('removing one value leaves others with the same patterns, and an unknown one changes nothing', () => {
  const matcher = new Matcher<string>();
  matcher.add(patterns('a.*', 'a.b'), null, 'first');
  matcher.add(patterns('a.*'), null, 'second');
  matcher.remove('first');
  matcher.remove('first');
  matcher.remove('never added');
  expect(matcher.match('a.b', null)).toEqual(new Set(['second']));
});

test('a value added again under other patterns no longer matches the removed ones', () => {
  const matcher = new Matcher<string>();
  matcher.add(patterns('a'), null, 'hook');
  matcher.remove('hook');
  matcher.add(patterns('b'), ['src_1'], 'hook');
  expect(matcher.match('a', 'src_1')).toEqual(new Set());
  expect(matcher.match('b', 'src_1')).toEqual(new Set(['hook']));
});

describe('the nodes visited by a match', () => {
  function visited(matcher: Matcher<number>, eventType: string, sourceId: string | null): number {
    const trace: MatchTrace = { visitedNodes: 0 };
    matcher.match(eventType, sourceId, trace);
    return trace.visitedNodes;
  }

  function hooks(count: number): Matcher<number> {
    const matcher = new Matcher<number>();
    for (let id = 0; id < count; id += 1) matcher.add(patterns(`superoffice.entity${id}.created`), null, id);
    return matcher;
  }

  test('do not grow with the number of hooks: 10 or 10,000 with distinct exact patterns', () => {
    for (const eventType of ['superoffice.entity7.created', 'superoffice.unknown.created', 'deskera.x']) {
      expect(visited(hooks(10_000), eventType, null)).toBe(visited(hooks(10), eventType, null));
    }
    expect(visited(hooks(10_000), 'superoffice.entity7.created', null)).toBe(4);
  });

  test('do not grow with hooks of other sources', () => {
    const matcher = new Matcher<number>();
    for (let id = 0; id < 10_000; id += 1) matcher.add(patterns('*.created'), [`src_${id}`], id);
    expect(matcher.match('a.created', 'src_5')).toEqual(new Set([5]));
    expect(visited(matcher, 'a.created', 'src_5')).toBe(3);
  });

  test('are none once every hook is removed', () => {
    const matcher = hooks(100);
    for (let id = 0; id < 100; id += 1) matcher.remove(id);
    expect(visited(matcher, 'superoffice.entity7.created', null)).toBe(0);
  });

  test('stay few for a type of 4,000 characters', () => {
    expect(visited(hooks(100), 'a.'.repeat(2000), null)).toBe(1);
  });
});
