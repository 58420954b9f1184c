/**
 * A crash run: producers post, receivers take, and meanwhile the relay is killed and started again. At the end nothing
 * but the receivers is asked until everything has arrived: the last start is not poked. Only then the relay's own account
 * is read and all is judged.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Api } from '../api.ts';
import { startRelay } from '../relay.ts';
import { Batches } from './batches.ts';
import { Dice } from './dice.ts';
import { accountOf, drained, post, settled, TOPICS } from './load.ts';
import { Producer } from './producer.ts';
import { DEATHS, type Death, type DeathKind, killAndRestart } from './relay-killer.ts';
import { type Target, type TargetPlan, startTarget } from './target.ts';
import { Troublemakers, WORKER } from './troublemakers.ts';
import { type Verdict, judge } from './verdict.ts';

export interface CrashOptions {
  /** How often the relay is killed, 1 to 100. The last time is after the last event was accepted. */
  readonly rounds: number;
  readonly seed: number;
  /** Of posting, before each kill. */
  readonly seconds: number;
  /** Events a second, all producers together. */
  readonly eventsPerSecond: number;
  /** Told what happens. */
  readonly say: (line: string) => void;
}

export interface CrashReport extends Verdict {
  readonly seed: number;
  readonly kills: readonly DeathKind[];
  readonly posts: number;
  readonly accepted: number;
  /** Events that were stored although their first 200 never reached the producer. */
  readonly lostAnswers: number;
  /** Lists of a hundred events that were answered 200, and those that were stored although their first 200 was lost. */
  readonly batches: number;
  readonly lostBatchAnswers: number;
  readonly expectedDeliveries: number;
  readonly attempts: number;
  readonly duplicates: number;
  /** From the last start to the last arrival. */
  readonly drainMs: number;
  readonly elapsedMs: number;
}

const PLANS: readonly TargetPlan[] = [
  {
    name: 'subject',
    ordering: 'subject',
    format: 'structured',
    events: '*',
    failing: 0,
    slowMs: 0,
    refuses: null,
  },
  {
    name: 'fifo, failing',
    ordering: 'fifo',
    format: 'structured',
    events: '*',
    failing: 0.02,
    slowMs: 0,
    refuses: null,
  },
  { name: 'none, raw', ordering: 'none', format: 'raw', events: '*', failing: 0, slowMs: 0, refuses: null },
  {
    name: 'subject, slow and failing, contacts',
    ordering: 'subject',
    format: 'structured',
    events: 'superoffice.contact.*',
    failing: 0.05,
    slowMs: 10,
    refuses: null,
  },
  {
    name: 'none, failing',
    ordering: 'none',
    format: 'structured',
    events: '*',
    failing: 0.05,
    slowMs: 0,
    refuses: null,
  },
  {
    name: 'none, refusing sales',
    ordering: 'none',
    format: 'structured',
    events: '*',
    failing: 0,
    slowMs: 0,
    refuses: 'superoffice.sale.*',
  },
];

/** Of producers whose relay does not come back. */
const LAST_POST_MS = 60_000;

export async function crash(options: CrashOptions): Promise<CrashReport> {
  const startedAtMs = Date.now();
  const { rounds, seed, say } = options;
  const dice = new Dice(seed);
  await using relay = await startRelay({ args: [WORKER] });
  const api = new Api(relay.url, relay.adminKey);
  const source = await api.createSource({ provider: 'superoffice', name: 'crash' });
  await using troublemakers = await Troublemakers.start(api, source.id);
  const targets: Target[] = [];
  const stopping = new AbortController();
  const givingUp = new AbortController();
  try {
    const batches = await Batches.start(api);
    for (const plan of PLANS) targets.push(await startTarget(api, plan, source.id, dice.fork()));
    const producers = TOPICS.map((topic) => new Producer(topic, source.inboundUrl, source.secret));

    const deaths: Death[] = [];
    const kills: DeathKind[] = [];
    const kill = async (kind: DeathKind) => {
      kills.push(kind);
      deaths.push(...(await killAndRestart(relay, kind, dice)));
      const accepted = producers.reduce((sum, producer) => sum + producer.accepted.length, 0);
      const arrived = targets.reduce((sum, target) => sum + target.taken.size, 0);
      say(`kill ${kills.length} of ${rounds}: ${kind}; ${accepted} accepted, ${arrived} delivered so far`);
    };
    const eventsPerSecond = options.eventsPerSecond / producers.length;
    const posting = producers.map((producer) =>
      post(producer, eventsPerSecond, dice.fork(), stopping.signal, givingUp.signal),
    );
    const poisoning = troublemakers.poison(api, stopping.signal);
    const batching = batches.post(stopping.signal, givingUp.signal);
    const firstKind = Math.floor(dice.between(0, DEATHS.length));
    for (let round = 0; round < rounds - 1; round += 1) {
      await sleep(dice.between(0.2, 1.8) * options.seconds * 1000);
      await kill(DEATHS[(firstKind + round) % DEATHS.length] ?? 'both');
    }
    await sleep(options.seconds * 1000);
    stopping.abort();
    const lastPost = setTimeout(() => givingUp.abort(), LAST_POST_MS);
    await Promise.all([...posting, poisoning, batching]);
    clearTimeout(lastPost);
    await kill('both');

    const drainedFromMs = Date.now();
    await drained(producers, targets);
    const drainMs = Date.now() - drainedFromMs;
    const isSettled = await settled(api, targets);
    const account = await accountOf(api, source.id, targets);
    const verdict = judge({ producers, targets, deaths, ...account });
    const violations = [
      ...verdict.violations,
      ...(await troublemakers.judge(api, account.log)),
      ...(await batches.judge(api)),
    ];
    const sum = (of: (figures: Verdict['targets'][number]) => number) =>
      verdict.targets.reduce((total, figures) => total + of(figures), 0);
    return {
      seed,
      kills,
      posts: producers.reduce((total, { posts }) => total + posts, 0),
      accepted: producers.reduce((total, { accepted }) => total + accepted.length, 0),
      lostAnswers: producers.reduce((total, { lostAnswers }) => total + lostAnswers, 0),
      batches: batches.count,
      lostBatchAnswers: batches.lostAnswers,
      expectedDeliveries: sum(({ expected }) => expected),
      attempts: sum(({ attempts }) => attempts),
      duplicates: sum(({ duplicates }) => duplicates),
      drainMs,
      elapsedMs: Date.now() - startedAtMs,
      targets: verdict.targets,
      violations: isSettled ? violations : ['queues are not empty at the end', ...violations],
    };
  } finally {
    stopping.abort();
    givingUp.abort();
    await Promise.all(targets.map(({ receiver }) => receiver.close()));
  }
}
