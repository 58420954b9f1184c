/** What every crash run shares: events that come at random, and waiting for what was accepted to arrive. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Api } from '../api.ts';
import type { Dice } from './dice.ts';
import type { Producer, Topic } from './producer.ts';
import { isRefused, type Target, wants } from './target.ts';
import type { ListedDelivery, LoggedEvent, Observed } from './verdict.ts';

export const TOPICS: readonly Topic[] = [
  ...[1, 2, 3, 4].map((recordId) => ({ account: 'Cust1', entity: 'contact', recordId })),
  // The same subject at another account is another subject.
  ...[1, 2].map((recordId) => ({ account: 'Cust2', entity: 'contact', recordId })),
  ...[7, 8, 9].map((recordId) => ({ account: 'Cust1', entity: 'sale', recordId })),
  { account: 'Cust1', entity: 'person', recordId: 0 },
];

const DRAIN_MIN_MS = 60_000;
const DRAIN_PER_DELIVERY_MS = 10;
const SETTLED_WITHIN_MS = 15_000;
/** After the last delivery: what should not come has this long to come. */
const QUIET_MS = 300;

/** Posts one event after another until told to stop; the one under way is posted until it is accepted. */
export async function post(
  producer: Producer,
  eventsPerSecond: number,
  dice: Dice,
  stopping: AbortSignal,
  givingUp: AbortSignal,
): Promise<void> {
  while (!stopping.aborted) {
    await producer.postNext(givingUp);
    // Now and then several come in a row.
    if (dice.throw() < 0.7) await sleep(dice.between(0, 2 / 0.7) * (1000 / eventsPerSecond));
  }
}

/** Asks the receivers alone; ends early when it takes too long, which the verdict then tells. */
export async function drained(
  producers: readonly Producer[],
  targets: readonly Target[],
  perDeliveryMs = DRAIN_PER_DELIVERY_MS,
): Promise<void> {
  const accepted = producers.flatMap(({ topic, accepted: events }) =>
    events.map(({ posthornId }, index) => ({
      posthornId,
      type: `superoffice.${topic.entity}.${index === 0 ? 'created' : 'updated'}`,
    })),
  );
  const deadlineMs = Date.now() + DRAIN_MIN_MS + accepted.length * targets.length * perDeliveryMs;
  const isDrained = ({ plan, taken }: Target) =>
    accepted.every(
      ({ posthornId, type }) => taken.has(posthornId) || !wants(plan, type) || isRefused(plan, type),
    );
  while (!targets.every(isDrained) && Date.now() < deadlineMs) await sleep(50);
}

/** Waits for the records of the last attempts: only what a receiver refuses is still pending. */
export async function settled(api: Api, targets: readonly Target[]): Promise<boolean> {
  const deadlineMs = Date.now() + SETTLED_WITHIN_MS;
  for (;;) {
    const hooks = await Promise.all(targets.map(({ hookId }) => api.hook(hookId)));
    if (hooks.every(({ stats }, index) => stats.pending === refusedBy(targets[index]))) return true;
    if (Date.now() > deadlineMs) return false;
    await sleep(50);
  }
}

function refusedBy(target: Target | undefined): number {
  if (target === undefined) return 0;
  return new Set(target.sightings.map(({ webhookId }) => webhookId)).size - target.taken.size;
}

/** The relay's own account of it all. */
export async function accountOf(
  api: Api,
  sourceId: string,
  targets: readonly Target[],
): Promise<Pick<Observed, 'log' | 'deliveries'>> {
  await sleep(QUIET_MS);
  const log = await api.pages<LoggedEvent>(`/v1/events?sourceId=${sourceId}&order=asc&limit=200`);
  const deliveries = new Map<number, ListedDelivery[]>();
  for (const { hookId } of targets) {
    deliveries.set(hookId, await api.pages<ListedDelivery>(`/v1/hooks/${hookId}/deliveries?limit=200`));
  }
  return { log, deliveries };
}
