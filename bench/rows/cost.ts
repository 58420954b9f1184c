/** What an event costs on Cloudflare: counted by the runtime, alarms included, and priced. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Bench, BenchTenant } from '../bench.ts';
import { type Bound, type Figure, figure } from '../measure.ts';
import type { Relay } from '../../test/support/relay.ts';
import type { Meter } from '../workers/asked.ts';

/** Dollars a million. */
const PRICES = {
  workerRequests: 0.3,
  objectRequests: 0.15,
  switchboardRequests: 0.15,
  rowsWritten: 1,
  rowsRead: 0.001,
  kvReads: 0.5,
};
/** The alarms that are the safety net of what started at once (src/storage/alarm.ts) have gone off by then. */
const AT_REST_MS = 2_200;
const LOOK_MS = 100;
/** Between retries, which start from their own alarm. */
const BETWEEN_RETRIES_MS = 150;
const TEN = 10;
/** It is counted, not timed. */
const ROUNDS = 3;

interface Cost extends Meter {
  readonly workerRequests: number;
}

export async function cost(bench: Bench): Promise<Figure[]> {
  await using relay = await bench.relay(bench.dataFolder(), 'counted');
  const lone = await loneEvents(bench, relay);
  const burst = await burstOf(bench, relay, bench.size(1000, 50));
  const ten = await toTenHooks(bench, relay);
  const retry = await retries(bench, relay);
  return [
    ...figures('cost.lone', lone, { rowsWritten: { atMost: 7 }, objectRequests: { atMost: 4 } }),
    ...figures('cost.burst', burst, { rowsWritten: { atMost: 6 }, objectRequests: { atMost: 3 } }),
    ...figures('cost.tenHooks', ten, { rowsWritten: { atMost: 3 }, objectRequests: { atMost: 3 } }),
    ...figures('cost.retry', retry, { rowsWritten: { atMost: 3 }, objectRequests: { atMost: 1 } }),
    figure('cost.dollarsPerMillion', 'dollars', lone.map(dollarsPerMillion)),
  ];
}

/** One event to one hook, each when all is at rest. */
async function loneEvents(bench: Bench, relay: Relay): Promise<Cost[]> {
  const tenant = await BenchTenant.make(relay, 'lone');
  await tenant.api.createHook({ url: bench.target('/lone') });
  return metered(relay, bench.size(ROUNDS, 1), { parts: 1, workerRequests: 1 }, async (number) => {
    await bench.load.ask('perSecond', tenant.batch(1));
    await bench.receiver.ask('arrivals', '/lone', number);
  });
}

/** Each event of many at once. */
async function burstOf(bench: Bench, relay: Relay, events: number): Promise<Cost[]> {
  const tenant = await BenchTenant.make(relay, 'burst');
  await tenant.api.createHook({ url: bench.target('/burst') });
  const shares = { parts: events, workerRequests: events };
  return metered(relay, bench.size(ROUNDS, 1), shares, async (number) => {
    await bench.load.ask('perSecond', tenant.batch(events));
    await bench.receiver.ask('arrivals', '/burst', events * number);
  });
}

/** Each of ten deliveries of one event. */
async function toTenHooks(bench: Bench, relay: Relay): Promise<Cost[]> {
  const tenant = await BenchTenant.make(relay, 'ten');
  for (let n = 0; n < TEN; n += 1) await tenant.api.createHook({ url: bench.target('/ten') });
  return metered(relay, bench.size(ROUNDS, 1), { parts: TEN, workerRequests: 1 }, async (number) => {
    await bench.load.ask('perSecond', tenant.batch(1));
    await bench.receiver.ask('arrivals', '/ten', TEN * number);
  });
}

/**
 * The third and the fourth attempt of a delivery, before so many failures that the hook counts as failing. Of several
 * deliveries, one after the other: beside one of them the relay may do what it does now and then.
 */
async function retries(bench: Bench, relay: Relay): Promise<Cost[]> {
  const costs: Cost[] = [];
  for (const path of ['/retry-1', '/retry-2', '/retry-3']) {
    const tenant = await BenchTenant.make(relay, path.slice(1));
    await bench.receiver.ask('reset', path, 0, 500);
    // The first leaves the time for what the event itself has set off.
    const retry = { scheduleSeconds: [3, 1, 1, 1], jitter: 0 };
    await tenant.api.createHook({ url: bench.target(path), retry });
    await bench.load.ask('perSecond', tenant.batch(1));
    await bench.receiver.ask('arrivals', path, 1);
    costs.push(
      ...(await metered(
        relay,
        2,
        { parts: 1, workerRequests: 0, atRestMs: BETWEEN_RETRIES_MS },
        async (number) => {
          await bench.receiver.ask('arrivals', path, number + 1);
        },
      )),
    );
    await bench.receiver.ask('arrivals', path, 5);
    await atRest(relay);
  }
  return costs;
}

/** Acts `rounds` times and once before; what each cost, in so many equal parts. */
async function metered(
  relay: Relay,
  rounds: number,
  {
    parts,
    workerRequests,
    atRestMs = AT_REST_MS,
  }: { readonly parts: number; readonly workerRequests: number; readonly atRestMs?: number },
  act: (number: number) => Promise<void>,
): Promise<Cost[]> {
  const costs: Cost[] = [];
  let before = await atRest(relay, atRestMs);
  for (let number = 1; number <= rounds + 1; number += 1) {
    await act(number);
    const after = await atRest(relay, atRestMs);
    const part = (name: keyof Meter) => (after[name] - before[name]) / parts;
    if (number > 1) {
      costs.push({
        workerRequests: workerRequests / parts,
        objectRequests: part('objectRequests'),
        switchboardRequests: part('switchboardRequests'),
        rowsWritten: part('rowsWritten'),
        rowsRead: part('rowsRead'),
        kvReads: part('kvReads'),
      });
    }
    before = after;
  }
  return costs;
}

/** The meter, once it has stood still for so long. */
async function atRest(relay: Relay, atRestMs = AT_REST_MS): Promise<Meter> {
  let last = await meterOf(relay);
  let sinceMs = performance.now();
  while (performance.now() - sinceMs < atRestMs) {
    await sleep(LOOK_MS);
    const now = await meterOf(relay);
    if (now.rowsWritten !== last.rowsWritten || now.objectRequests !== last.objectRequests)
      sinceMs = performance.now();
    last = now;
  }
  return last;
}

async function meterOf(relay: Relay): Promise<Meter> {
  return (await (await fetch(`${relay.url}/bench/meter`)).json()) as Meter;
}

function figures(
  name: string,
  costs: readonly Cost[],
  bounds: Readonly<Record<'rowsWritten' | 'objectRequests', Bound>>,
): Figure[] {
  return [
    figure(
      `${name}.rowsWritten`,
      'rows',
      costs.map(({ rowsWritten }) => rowsWritten),
      bounds.rowsWritten,
    ),
    figure(
      `${name}.objectRequests`,
      'requests',
      costs.map(({ objectRequests }) => objectRequests),
      bounds.objectRequests,
    ),
    figure(
      `${name}.switchboardRequests`,
      'requests',
      costs.map(({ switchboardRequests }) => switchboardRequests),
    ),
    figure(
      `${name}.rowsRead`,
      'rows',
      costs.map(({ rowsRead }) => rowsRead),
    ),
    figure(`${name}.dollarsPerMillion`, 'dollars', costs.map(dollarsPerMillion)),
  ];
}

function dollarsPerMillion(cost: Cost): number {
  return Object.entries(PRICES).reduce((sum, [what, price]) => sum + price * cost[what as keyof Cost], 0);
}
