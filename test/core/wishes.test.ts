/** Who wants an event, found in tables, against the plain definition of patterns (core/pattern.ts). */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HOOK_DEFAULTS, type HookConfig } from '../../src/core/hook-config.ts';
import { knownPattern, matches } from '../../src/core/pattern.ts';
import type { MatchedEvent } from '../../src/core/stored-event.ts';
import { EVERY_HOOK } from '../../src/event-log/hook-scope.ts';
import { Hooks } from '../../src/event-log/hooks.ts';
import { EVENT_LOG_MIGRATIONS } from '../../src/event-log/schema.ts';
import type { Found, Share } from '../../src/event-log/wishes.ts';
import { migrate } from '../../src/storage/migrate.ts';
import { Sqlite } from '../support/sqlite.ts';

type Wanted = Pick<HookConfig, 'events' | 'sources'>;

/** A register of hooks, and beside it what each wanted when, as plain lists. */
class Register {
  readonly sqlite = new Sqlite();
  hooks: Hooks;
  lastSeq = 0;
  readonly events: MatchedEvent[] = [];
  /** By event, in the order of `events`. */
  readonly wanting: number[][] = [];
  readonly #living = new Map<number, Wanted>();

  constructor() {
    migrate(this.sqlite.storage, EVENT_LOG_MIGRATIONS);
    this.hooks = new Hooks(this.sqlite.sql);
  }

  restart(): void {
    this.hooks = new Hooks(this.sqlite.sql);
  }

  create(wanted: Wanted): number {
    const config = { ...HOOK_DEFAULTS, url: '', ...wanted };
    const hook = { config, secret: null, relayHost: '', keyId: null };
    const reserved = this.hooks.reserve(hook, { secret: '', secretKeys: [] }, 0);
    const { id } = this.hooks.appear(reserved, 1, this.lastSeq);
    this.#living.set(id, wanted);
    return id;
  }

  patch(id: number, wanted: Wanted): void {
    const hook = this.hooks.get(id, EVERY_HOOK);
    if (hook === null) return;
    this.hooks.save(hook, { ...hook, config: { ...hook.config, ...wanted } }, this.lastSeq);
    this.#living.set(id, wanted);
  }

  delete(id: number): void {
    if (this.#living.delete(id)) this.hooks.delete(id, this.lastSeq, 1);
  }

  event(type: string, sourceId: string | null): MatchedEvent {
    this.lastSeq += 1;
    const event: MatchedEvent = {
      seq: this.lastSeq,
      type,
      sourceId,
      subject: null,
      event: null,
      kind: 'json',
    };
    this.events.push(event);
    this.wanting.push([...this.#living].filter(([, wanted]) => isWanted(wanted, event)).map(([id]) => id));
    return event;
  }

  /** By pages of this size: what the fan-out finds for these events, by event. */
  shared(events: readonly MatchedEvent[], pageSize: number): number[][] {
    const found = events.map((): number[] => []);
    for (let after: number | null = 0; after !== null;) {
      const page: Found<Share<MatchedEvent>> = this.hooks.wishes.shares(events, after, pageSize);
      expect(page.found.length).toBeLessThanOrEqual(pageSize);
      for (const { hookId, events: wanted } of page.found)
        for (const event of wanted) found[events.indexOf(event)]?.push(hookId);
      after = page.upTo;
    }
    return found;
  }

  explained(event: MatchedEvent, pageSize: number): number[] {
    const found: number[] = [];
    for (let after: number | null = 0; after !== null;) {
      const page: Found<number> = this.hooks.wishes.wantedBy(event, after, pageSize);
      found.push(...page.found);
      after = page.upTo;
    }
    return found;
  }
}

function isWanted({ events, sources }: Wanted, event: MatchedEvent): boolean {
  if (sources !== null && (event.sourceId === null || !sources.includes(event.sourceId))) return false;
  return events.some((text) => matches(knownPattern(text), event.type));
}

const words = fc.constantFrom('a', 'b', 'A', 'posthorn', '110');
const pattern = fc
  .array(fc.oneof(words, fc.constant('*')), { minLength: 1, maxLength: 10 })
  .map((parts) => parts.join('.'));
const type = fc.array(words, { minLength: 1, maxLength: 10 }).map((parts) => parts.join('.'));
const sourceIds = ['src_1', 'src_2', 'src_3'];
const wanted = fc.record({
  events: fc.array(pattern, { minLength: 1, maxLength: 4 }),
  sources: fc.option(fc.uniqueArray(fc.constantFrom(...sourceIds))),
});
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('create'), wanted }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('event'), type, from: fc.nat(3) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('patch'), at: fc.nat(), wanted }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('delete'), at: fc.nat() }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('fan-out'), pageSize: fc.integer({ min: 1, max: 9 }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart') }) },
);

test('A3: the index finds what a scan with matches() finds, at every place, whatever has changed before and since', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const register = new Register();
      let fannedSeq = 0;
      for (const next of steps) {
        if (next.do === 'create') register.create(next.wanted);
        if (next.do === 'patch') register.patch(1 + (next.at % 8), next.wanted);
        if (next.do === 'delete') register.delete(1 + (next.at % 8));
        if (next.do === 'event') register.event(next.type, sourceIds[next.from] ?? null);
        if (next.do === 'restart') register.restart();
        if (next.do === 'fan-out') {
          const batch = register.events.slice(fannedSeq);
          expect(register.shared(batch, next.pageSize)).toEqual(register.wanting.slice(fannedSeq));
          fannedSeq = register.lastSeq;
          register.hooks.wishes.kept.passed(fannedSeq);
        }
      }
      for (const [at, event] of register.events.entries()) {
        expect(register.explained(event, 3)).toEqual(register.wanting[at]);
        for (let id = 1; register.hooks.find(id) !== null; id += 1) {
          const isSkipped = register.hooks.wishes.whySkipped(id, event) !== null;
          expect(isSkipped).toBe(!register.wanting[at]?.includes(id));
        }
      }
    }),
    { numRuns: 400 },
  );
});

test('what is forgotten leaves nothing in the index', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), fc.boolean(), (steps, isPassed) => {
      const register = new Register();
      for (const next of steps) {
        if (next.do === 'create') register.create(next.wanted);
        if (next.do === 'patch') register.patch(1 + (next.at % 8), next.wanted);
        if (next.do === 'event') register.event(next.type, null);
      }
      const { hooks, lastSeq } = register;
      if (isPassed) hooks.wishes.kept.passed(lastSeq);
      while (!hooks.wishes.kept.forgetBefore(lastSeq + 1));
      for (let id = 1; hooks.find(id) !== null; id += 1) {
        const { events } = hooks.find(id)?.config ?? { events: [] };
        const rows = register.sqlite.sql
          .exec<{ after_seq: number }>('SELECT DISTINCT after_seq FROM wish_patterns WHERE hook_id = ?', id)
          .toArray();
        expect(rows).toHaveLength(events.length > 0 && hooks.find(id)?.config.sources?.length !== 0 ? 1 : 0);
      }
      for (let id = 1; hooks.find(id) !== null; id += 1) {
        hooks.delete(id, lastSeq, 1);
        hooks.forget(id);
      }
      for (const table of ['hooks', 'hook_versions', 'wish_patterns', 'ended_wishes'])
        expect(register.sqlite.sql.exec(`SELECT * FROM ${table}`).toArray()).toEqual([]);
    }),
    { numRuns: 200 },
  );
});

describe('wishes from before there was an index', () => {
  const long = Array.from({ length: 199 }, (_, at) => (at % 3 === 0 ? '*' : 'a')).join('.');

  /** Hooks as the version before wrote them down, and where its fan-out had come. */
  function before(
    rows: readonly [hookId: number, afterSeq: number, untilSeq: number | null, events: string[]][],
  ) {
    const sqlite = new Sqlite();
    migrate(sqlite.storage, EVENT_LOG_MIGRATIONS.slice(0, 5));
    for (const [hookId, afterSeq, untilSeq, events] of rows) {
      sqlite.sql.exec(
        `INSERT OR IGNORE INTO hooks (id, version, config, secret, relay_host, created_at, updated_at)
         VALUES (?, 1, ?, '', '', 0, 0)`,
        hookId,
        JSON.stringify({ ...HOOK_DEFAULTS, url: '' }),
      );
      sqlite.sql.exec(
        `INSERT INTO hook_versions (hook_id, after_seq, until_seq, events, format) VALUES (?, ?, ?, ?, 'structured')`,
        hookId,
        afterSeq,
        untilSeq,
        JSON.stringify(events),
      );
    }
    migrate(sqlite.storage, EVENT_LOG_MIGRATIONS);
    return sqlite;
  }
  const event = (seq: number, eventType: string): MatchedEvent => ({
    seq,
    type: eventType,
    sourceId: null,
    subject: null,
    event: null,
    kind: 'json',
  });

  test('are put into it a part at a time, each where it belongs, cut by a restart anywhere', () => {
    const many = Array.from({ length: 3_000 }, (_, at): [number, number, null, string[]] => [
      at + 1,
      0,
      null,
      [`x${at}.*`, 'Every.*'],
    ]);
    const sqlite = before([
      ...many,
      [3_001, 0, 5, ['ended.*']],
      [3_001, 5, 12, ['ending.*']],
      [3_001, 12, null, ['now.*']],
      [3_002, 7, 7, ['never.*']],
      [3_003, 0, null, [long]],
    ]);
    let { wishes } = new Hooks(sqlite.sql);
    expect(wishes.kept.isIndexed).toBe(false);
    expect(wishes.wantedBy(event(3, 'ended.a'), 3_000, 10).found).toEqual([3_001]);
    let steps = 0;
    for (; !wishes.kept.isIndexed; steps += 1) {
      wishes.kept.indexSome(10);
      ({ wishes } = new Hooks(sqlite.sql));
    }
    expect(steps).toBeGreaterThan(2);
    expect(steps).toBeLessThan(10);
    const wanting = (seq: number, eventType: string) =>
      wishes.shares([event(seq, eventType)], 0, 40).found.map(({ hookId }) => hookId);
    expect(wanting(11, 'x77.b')).toEqual([78]);
    expect(wanting(11, 'every.b')).toHaveLength(40);
    expect(wanting(12, 'ending.b')).toEqual([3_001]);
    expect(wanting(13, 'ending.b')).toEqual([]);
    expect(wanting(13, 'now.b')).toEqual([3_001]);
    expect(wanting(13, long.replaceAll('*', 'b'))).toEqual([3_003]);
    expect(wishes.wantedBy(event(3, 'ended.a'), 0, 10).found).toEqual([3_001]);
    expect(wishes.wantedBy(event(6, 'ended.a'), 0, 10).found).toEqual([]);
    const parts = sqlite.sql
      .exec<{ part: number; after_seq: number }>(
        'SELECT is_past AS part, after_seq FROM wish_patterns WHERE hook_id = 3001 ORDER BY after_seq',
      )
      .toArray()
      .map(({ part, after_seq }) => [part, after_seq]);
    expect(parts).toEqual([
      [1, 0],
      [0, 5],
      [0, 12],
    ]);
    wishes.kept.passed(12);
    expect(wanting(12, 'ending.b')).toEqual([]);
    expect(wishes.wantedBy(event(12, 'ending.a'), 0, 10).found).toEqual([3_001]);
  });

  test('of letters whose small form depends on what stands around them are found', () => {
    const sqlite = before([[1, 0, null, ['ΑΣ.Β']]]);
    const { wishes } = new Hooks(sqlite.sql);
    wishes.kept.indexSome(0);
    expect(wishes.shares([event(1, 'ΑΣ.Β')], 0, 9).found).toHaveLength(1);
  });
});

test('a wish of many patterns from many sources takes few rows, and is still from these sources alone', () => {
  const register = new Register();
  const sources = Array.from({ length: 500 }, (_, at) => `src_${at}`);
  register.create({ events: ['a.*', 'b.*', 'c.*'], sources });
  register.event('a.b', 'src_7');
  register.event('a.b', 'src_other');
  expect(register.shared(register.events, 5)).toEqual([[1], []]);
  expect(register.sqlite.sql.exec('SELECT * FROM wish_patterns').toArray()).toHaveLength(3);
});
