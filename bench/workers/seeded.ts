/**
 * The relay with what only its benchmarks may do: fill a queue or a register in bulk, and queue more than a hook may.
 * What is seeded is copies of a row that the relay itself has written; it counts from the next start on.
 */
import app, { EventLog as RelayEventLog, Hook as RelayHook } from '../../src/index.ts';
import type { Env } from '../../src/env.ts';
import { eventLogOf, hookOf, tenantsOf } from '../../src/registry/address.ts';
import type { Register, Seed } from './asked.ts';

export { Switchboard, Tenants } from '../../src/index.ts';

/** Far beyond the places that the log gives out meanwhile. */
const FIRST_SEEDED = 1_000_000_000;
const ROWS_AT_ONCE = 50_000;
const TOMORROW_MS = 24 * 60 * 60 * 1000;

export class Hook extends RelayHook {
  override readonly queueLimits = { deliveries: Infinity, bytes: Infinity };

  /** Copies the first delivery of the queue. A second seed goes behind the first. */
  seed({ count, subjects, isBlocked }: Seed): void {
    const { sql } = this.ctx.storage;
    const from = Math.max(
      FIRST_SEEDED,
      sql.exec<{ next: number }>('SELECT max(seq) + 1 AS next FROM deliveries').one().next,
    );
    // Those that are free must not stand behind those that are blocked.
    const kind = isBlocked ? 'blocked' : 'free';
    copyRows(sql, 'deliveries', 'seq', from, count, {
      seq: 'n',
      event_id: `'evt_' || printf('%026d', n)`,
      sequence: `n - ${from} + (SELECT max(sequence) + 1 FROM deliveries)`,
      position: 'n',
      ...(subjects === null
        ? {}
        : {
            subject: `subject || '-${kind}-' || (n % ${subjects})`,
            lane: `lane || '-${kind}-' || (n % ${subjects})`,
          }),
      ...(isBlocked
        ? { state: `'retrying'`, attempts: '1', steps: '1', retry_at: `created_at + ${TOMORROW_MS}` }
        : {}),
    });
  }
}

export class EventLog extends RelayEventLog {
  /** Copies the first registered hook, under patterns that no event fits. The copies have no object of their own. */
  register({ count, patternsOfEach }: Register): void {
    const { sql } = this.ctx.storage;
    const from = sql.exec<{ next: number }>('SELECT max(id) + 1 AS next FROM hooks').one().next;
    const own = Array.from({ length: patternsOfEach }, (_, at) => `'unseen.own' || n || '.kind${at}.*'`);
    const patterns = own.length > 0 ? own : [`'unseen.kind' || (n % 5000) || '.*'`];
    const events = `json_array(${patterns.join(', ')})`;
    copyRows(sql, 'hooks', 'id', from, count, { id: 'n' });
    copyRows(sql, 'hook_versions', 'hook_id', from, count, { hook_id: 'n', events });
    for (const pattern of patterns)
      copyRows(sql, 'wish_patterns', 'hook_id', from, count, { hook_id: 'n', pattern });
  }
}

/** Copies the first row of a table, numbered `n` from `from`; `changes`: columns that differ, as SQL over `n`. */
function copyRows(
  sql: SqlStorage,
  table: string,
  key: string,
  from: number,
  count: number,
  changes: Readonly<Record<string, string>>,
): void {
  const columns = sql
    .exec<{ name: string }>(`SELECT name FROM pragma_table_info('${table}')`)
    .toArray()
    .map(({ name }) => name);
  const values = columns.map((column) => changes[column] ?? column);
  for (let first = from; first < from + count; first += ROWS_AT_ONCE) {
    const last = Math.min(first + ROWS_AT_ONCE, from + count) - 1;
    sql.exec(
      `WITH RECURSIVE numbers (n) AS (SELECT ${first} UNION ALL SELECT n + 1 FROM numbers WHERE n < ${last})
       INSERT INTO ${table} (${columns.join(', ')})
       SELECT ${values.join(', ')} FROM numbers, (SELECT * FROM ${table} ORDER BY ${key} LIMIT 1)`,
    );
  }
}

export default {
  async fetch(request: Request, env: Env, ctx: ExecutionContext): Promise<Response> {
    const [, bench, what, tenant = '', hookId] = new URL(request.url).pathname.split('/');
    if (bench !== 'bench') return app.fetch(request, env, ctx);
    const ref = await tenantsOf(env).resolve(tenant);
    if (ref === null) return new Response('no such tenant', { status: 404 });
    const body: unknown = await request.json();
    if (what === 'seed') {
      await (hookOf(env, ref, Number(hookId)) as unknown as DurableObjectStub<Hook>).seed(body as Seed);
    } else {
      await (eventLogOf(env, ref) as unknown as DurableObjectStub<EventLog>).register(body as Register);
    }
    return new Response(null, { status: 204 });
  },
} satisfies ExportedHandler<Env>;
