/**
 * A run of `posthorn listen`: events come in, and meanwhile the command is killed again and again and put to sleep, and
 * the relay is killed as well. Judged as every crash run is: each event arrives, is answered once and in its order, and
 * comes twice only where an answer was cut off.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Api } from '../api.ts';
import { CommandLine } from '../command.ts';
import { startReceiver } from '../receiver.ts';
import { startRelay } from '../relay.ts';
import { Dice } from './dice.ts';
import { ListenClient } from './listen-client.ts';
import { accountOf, drained, post, settled, TOPICS } from './load.ts';
import { Producer } from './producer.ts';
import { DEATHS, type Death, killAndRestart } from './relay-killer.ts';
import { record, type Target, type TargetPlan } from './target.ts';
import { judge, type TargetFigures } from './verdict.ts';

export interface ListenRunOptions {
  readonly events: number;
  /** Of each client. */
  readonly clientKills: number;
  readonly relayKills: number;
  /** Once, half-way, and nothing is killed meanwhile; 0: never. */
  readonly sleepSeconds: number;
  readonly eventsPerSecond: number;
  readonly seed: number;
  readonly say: (line: string) => void;
}

export interface ListenReport {
  readonly seed: number;
  readonly accepted: number;
  readonly relayKills: number;
  readonly clients: readonly (TargetFigures & {
    readonly kills: number;
    /** Ends that nobody asked for, by exit code. */
    readonly exits: Readonly<Record<string, number>>;
    /** From its start to `ready`, the middle one. */
    readonly readyMs: number;
  })[];
  readonly elapsedMs: number;
  readonly violations: readonly string[];
}

const ORDERINGS = ['fifo', 'subject'] as const;
const LAST_POST_MS = 60_000;
/** Clients that are killed all the time take theirs. */
const PER_DELIVERY_MS = 50;
/** Of the local program, for an answer. */
const SLOW_MS = 4;

export async function listenRun(options: ListenRunOptions): Promise<ListenReport> {
  const startedAtMs = Date.now();
  const { say, seed } = options;
  const dice = new Dice(seed);
  const home = mkdtempSync(join(tmpdir(), 'posthorn-listen-'));
  await using relay = await startRelay();
  const api = new Api(relay.url, relay.adminKey);
  const source = await api.createSource({ provider: 'superoffice', name: 'listened' });
  const cli = new CommandLine({
    HOME: home,
    XDG_CONFIG_HOME: home,
    POSTHORN_DATA: home,
    POSTHORN_URL: relay.url,
    POSTHORN_KEY: relay.adminKey,
  });
  const pairs = await Promise.all(ORDERINGS.map((ordering) => listenedTo(api, ordering, cli, dice.fork())));
  const targets = pairs.map(({ target }) => target);
  const clients = pairs.map(({ client }) => client);
  const running = clients.map((client) => client.run());
  const stopping = new AbortController();
  const givingUp = new AbortController();
  const isOver = new AbortController();
  const producers = TOPICS.map((topic) => new Producer(topic, source.inboundUrl, source.secret));
  const accepted = () => producers.reduce((sum, producer) => sum + producer.accepted.length, 0);
  const deaths: Death[] = [];
  try {
    const throwers = producers.map(() => dice.fork());
    const posting = producers.map((producer, index) =>
      post(
        producer,
        options.eventsPerSecond / producers.length,
        throwers[index] ?? dice,
        stopping.signal,
        givingUp.signal,
      ),
    );
    let isAsleep = false;
    /** Once a target has taken that part of all events. */
    const at = async (taken: () => number, part: number) => {
      while ((taken() < part * options.events || isAsleep) && !isOver.signal.aborted) await sleep(20);
    };
    const killing = pairs.map(async ({ client, target }, index) => {
      const own = new Dice(seed + index + 1);
      for (let kill = 1; kill <= options.clientKills; kill += 1) {
        await at(() => target.taken.size, (kill - own.throw()) / (options.clientKills + 1));
        if (isOver.signal.aborted) return;
        await client.kill();
        if (kill % 10 === 0)
          say(`${target.plan.name}: client killed ${kill} times, ${target.taken.size} taken`);
      }
    });
    const fewest = () => Math.min(...targets.map(({ taken }) => taken.size));
    const dying = (async () => {
      for (let kill = 1; kill <= options.relayKills; kill += 1) {
        await at(fewest, (kill - 0.5) / options.relayKills);
        if (isOver.signal.aborted) return;
        const kind = DEATHS[kill % DEATHS.length] ?? 'both';
        deaths.push(...(await killAndRestart(relay, kind, dice)));
        say(`relay killed ${kill} times (${kind}): ${accepted()} accepted, ${fewest()} taken by all`);
      }
    })();
    const sleeping = (async () => {
      if (options.sleepSeconds === 0) return;
      await at(fewest, 0.55);
      say(`asleep for ${options.sleepSeconds} s: ${accepted()} accepted, ${fewest()} taken by all`);
      isAsleep = true;
      await Promise.all(clients.map((client) => client.sleep(options.sleepSeconds * 1000)));
      isAsleep = false;
      say(`awake: ${accepted()} accepted, ${fewest()} taken by all`);
    })();

    while (accepted() < options.events) await sleep(20);
    stopping.abort();
    const lastPost = setTimeout(() => givingUp.abort(), LAST_POST_MS + options.sleepSeconds * 1000);
    await Promise.all(posting);
    say(`all accepted after ${Math.round((Date.now() - startedAtMs) / 1000)} s`);
    await drained(producers, targets, PER_DELIVERY_MS);
    clearTimeout(lastPost);
    isOver.abort();
    await Promise.all([...killing, dying, sleeping]);

    const isSettled = await settled(api, targets);
    const verdict = judge({ producers, targets, deaths, ...(await accountOf(api, source.id, targets)) });
    return {
      seed,
      accepted: accepted(),
      relayKills: deaths.length,
      clients: verdict.targets.map((figures, index) => {
        const { cuts, exits, readyMs } = clients[index] as ListenClient;
        const middle = readyMs.toSorted((one, other) => one - other)[Math.floor(readyMs.length / 2)] ?? NaN;
        return { ...figures, kills: cuts.length, exits, readyMs: middle };
      }),
      elapsedMs: Date.now() - startedAtMs,
      violations: isSettled ? verdict.violations : ['queues are not empty at the end', ...verdict.violations],
    };
  } finally {
    stopping.abort();
    givingUp.abort();
    isOver.abort();
    await Promise.all(clients.map((client) => client.stop()));
    await Promise.all(running);
    await Promise.all(targets.map(({ receiver }) => receiver.close()));
    rmSync(home, { recursive: true, force: true });
  }
}

/** A listener hook that its command finds by the name, and the local program that it forwards to. */
async function listenedTo(api: Api, ordering: (typeof ORDERINGS)[number], cli: CommandLine, dice: Dice) {
  const plan: TargetPlan = {
    name: ordering,
    ordering,
    format: 'structured',
    events: 'superoffice.*',
    failing: 0,
    slowMs: SLOW_MS,
    refuses: null,
  };
  const receiver = await startReceiver();
  const hook = await api.createHook({
    url: 'listen:',
    uid: `listen.${ordering}`,
    name: ordering,
    ordering,
    events: [plan.events],
  });
  const client = new ListenClient(cli, ['--forward', receiver.url, '--name', ordering, '--json']);
  const target: Target = {
    plan,
    hookId: hook.id,
    receiver,
    cuts: client.cuts,
    ...record(receiver, plan, hook.secret, dice),
  };
  return { client, target };
}
