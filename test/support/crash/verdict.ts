/** What a run promised and what was seen, held against each other. Pure: knows neither relay nor clock. */
import type { Producer } from './producer.ts';
import type { Death } from './relay-killer.ts';
import { type Cut, isRefused, type Sighting, type Target, wants } from './target.ts';

/** An envelope of the relay's log, as far as it matters here. */
export interface LoggedEvent {
  readonly id: string;
  readonly posthornid: string;
  readonly source: string;
  readonly subject?: string;
  readonly type: string;
  readonly sequence: string;
}

export interface ListedDelivery {
  readonly eventId: string;
  readonly sequence: number | null;
  readonly status: string;
}

export interface Observed {
  readonly producers: readonly Producer[];
  /** Everything in the log, in its order. */
  readonly log: readonly LoggedEvent[];
  /** By hook. */
  readonly deliveries: ReadonlyMap<number, readonly ListedDelivery[]>;
  readonly targets: readonly Target[];
  readonly deaths: readonly Death[];
}

export interface TargetFigures {
  readonly hook: string;
  readonly expected: number;
  readonly attempts: number;
  /** Attempts of an event that had been answered 2xx before. */
  readonly duplicates: number;
  /** Attempts after one that had been failed on purpose. */
  readonly retries: number;
  readonly maxInFlight: number;
}

export interface Verdict {
  readonly targets: readonly TargetFigures[];
  readonly violations: readonly string[];
}

export function judge(observed: Observed): Verdict {
  const violations = [...judgeLog(observed)];
  const targets = observed.targets.map((target) => {
    const expected = observed.log.filter(({ type }) => wants(target.plan, type));
    for (const violation of judgeTarget(target, expected, observed)) {
      violations.push(`${target.plan.name}: ${violation}`);
    }
    const again = repeats(target.sightings);
    return {
      hook: target.plan.name,
      expected: expected.length,
      attempts: target.sightings.length,
      duplicates: again.filter(({ before }) => before.isTaken).length,
      retries: again.filter(({ before }) => !before.isTaken).length,
      maxInFlight: target.receiver.maxInFlight,
    };
  });
  return { targets, violations };
}

/** The log holds exactly what was accepted, each once, and each producer's events in the order they were posted. */
function* judgeLog({ producers, log }: Observed): Generator<string> {
  const placeOf = new Map<string, number>();
  for (const [place, event] of log.entries()) {
    if (placeOf.has(event.posthornid)) yield `log: ${event.posthornid} is there twice`;
    placeOf.set(event.posthornid, place);
    const before = log[place - 1];
    if (before !== undefined && before.sequence >= event.sequence) {
      yield `log: sequence ${event.sequence} follows ${before.sequence}`;
    }
  }
  const envelopeIds = new Set(log.map(({ id }) => id));
  if (envelopeIds.size !== log.length) yield `log: ${log.length - envelopeIds.size} provider events twice`;

  const known = new Set<string>();
  for (const { accepted, wrongAnswers } of producers) {
    for (const answer of wrongAnswers) yield `inbound: ${answer}`;
    let last = -1;
    for (const { posthornId, eventId } of accepted) {
      known.add(posthornId);
      const place = placeOf.get(posthornId);
      if (place === undefined) {
        yield `log: ${posthornId} was accepted and is not there`;
        continue;
      }
      if (log[place]?.id !== eventId) yield `log: ${posthornId} is another event than the 200 said`;
      if (place <= last) yield `log: ${posthornId} stands before what was accepted before it`;
      last = place;
    }
  }
  for (const { posthornid } of log) {
    if (!known.has(posthornid)) yield `log: ${posthornid} is there and no producer has it`;
  }
}

function* judgeTarget(
  target: Target,
  expected: readonly LoggedEvent[],
  { deliveries, deaths, producers }: Observed,
): Generator<string> {
  const { sightings, taken, receiver } = target;
  const numberOf = new Map(expected.map(({ posthornid }, index) => [posthornid, index + 1]));
  const seen = new Set(sightings.map(({ webhookId }) => webhookId));

  const refused = new Set<string>();
  for (const { posthornid, type } of expected) {
    if (isRefused(target.plan, type)) refused.add(posthornid);
    if (!seen.has(posthornid)) yield `${posthornid} never arrived`;
    else if (!taken.has(posthornid) && !refused.has(posthornid))
      yield `${posthornid} was never answered 2xx, and not sent again`;
  }
  for (const { webhookId, sequence, isVerified } of sightings) {
    const number = numberOf.get(webhookId);
    if (number === undefined) yield `${webhookId} arrived unwanted`;
    // Gapless from 1, and in the order of the log: the n-th event for this hook has the number n, each time.
    else if (number !== sequence) yield `${webhookId} came as number ${sequence}, expected ${number}`;
    if (!isVerified) yield `${webhookId}: an attempt does not verify`;
  }

  yield* judgeBodies(target, producers);
  yield* judgeOrder(target, expected);

  const duplicates = repeats(sightings).filter(({ before }) => before.isTaken);
  const cuts: readonly Cut[] = [...deaths, ...target.cuts];
  for (const { again, before } of duplicates) {
    const isExcused = cuts.some(({ fromMs, toMs }) => fromMs <= again.atMs && toMs >= before.atMs);
    if (!isExcused) yield `${again.webhookId} was sent again although nothing died in between`;
  }
  // One attempt at a time: each death cuts at most one.
  if (duplicates.length > cuts.length) {
    yield `${duplicates.length} duplicates, expected at most ${cuts.length}, one a death`;
  }
  if (receiver.maxInFlight > 1) yield `${receiver.maxInFlight} attempts at once, expected 1`;

  const listed = deliveries.get(target.hookId) ?? [];
  if (listed.length !== expected.length) {
    yield `${listed.length} deliveries listed, expected ${expected.length}`;
  }
  for (const { eventId, sequence, status } of listed) {
    if (refused.has(eventId)) {
      if (status !== 'pending') yield `${eventId} was refused and is ${status}`;
    } else if (status !== 'delivered') yield `${eventId} is ${status}`;
    if (sequence !== numberOf.get(eventId)) yield `${eventId} is listed as number ${sequence ?? 'null'}`;
  }
}

/** Every attempt of an event has the same body; a raw one has the provider's. */
function* judgeBodies({ plan, sightings }: Target, producers: readonly Producer[]): Generator<string> {
  const sent = new Map<string, Buffer>();
  if (plan.format === 'raw') {
    for (const { accepted } of producers) {
      for (const { posthornId, body } of accepted) sent.set(posthornId, body);
    }
  }
  for (const { webhookId, body } of sightings) {
    const first = sent.get(webhookId);
    if (first === undefined) sent.set(webhookId, body);
    else if (!first.equals(body)) yield `${webhookId} came with another body`;
  }
}

/** In a lane nothing arrives after what follows it in the log, be it for the first time or again. */
function* judgeOrder({ plan, sightings }: Target, expected: readonly LoggedEvent[]): Generator<string> {
  if (plan.ordering === 'none') return;
  const laneOf = new Map<string, string>();
  for (const { posthornid, source, subject } of expected) {
    // Without a subject an event is alone in its lane.
    laneOf.set(posthornid, plan.ordering === 'fifo' ? '' : `${source}\n${subject ?? posthornid}`);
  }
  const newest = new Map<string, Sighting>();
  const seen = new Set<string>();
  for (const sighting of sightings) {
    const lane = laneOf.get(sighting.webhookId);
    if (lane === undefined) continue;
    const before = newest.get(lane);
    if (before !== undefined && before.sequence > sighting.sequence) {
      const what = seen.has(sighting.webhookId) ? 'was sent again' : 'first arrived';
      yield `${sighting.webhookId} (number ${sighting.sequence}) ${what} after number ${before.sequence} of its lane`;
    } else {
      newest.set(lane, sighting);
    }
    seen.add(sighting.webhookId);
  }
}

/** Every attempt that is not the first of its event, with the one before it. */
function repeats(sightings: readonly Sighting[]): { again: Sighting; before: Sighting }[] {
  const lastOf = new Map<string, Sighting>();
  const found: { again: Sighting; before: Sighting }[] = [];
  for (const sighting of sightings) {
    const before = lastOf.get(sighting.webhookId);
    if (before !== undefined) found.push({ again: sighting, before });
    lastOf.set(sighting.webhookId, sighting);
  }
  return found;
}
