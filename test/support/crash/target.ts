/** A hook with the receiver it delivers to, and a record of every attempt that was seen there. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Api } from '../api.ts';
import { type Answer, type Arrival, type Receiver, startReceiver } from '../receiver.ts';
import { isVerified } from '../verify.ts';
import type { Dice } from './dice.ts';

/** At most one failure of a target in this time: a blocked lane must not outgrow the run. */
const FAILURE_PAUSE_MS = 1_500;

export interface TargetPlan {
  readonly name: string;
  readonly ordering: 'subject' | 'fifo' | 'none';
  readonly format: 'structured' | 'raw';
  readonly events: string;
  /** Share of attempts that fail, and up to how long an answer takes. */
  readonly failing: number;
  readonly slowMs: number;
  /** What the receiver refuses for good, with 422; null: nothing. */
  readonly refuses: string | null;
}

/** One attempt as the receiver saw it, in order of arrival. */
export interface Sighting {
  readonly atMs: number;
  readonly webhookId: string;
  readonly sequence: number;
  readonly attempt: number;
  readonly body: Buffer;
  readonly isVerified: boolean;
  /** Was it answered 2xx? Whether the answer arrived is another matter. */
  readonly isTaken: boolean;
}

export interface Target {
  readonly plan: TargetPlan;
  readonly hookId: number;
  readonly sightings: readonly Sighting[];
  readonly receiver: Receiver;
  /** Ids of the events that were answered 2xx. */
  readonly taken: ReadonlySet<string>;
  /** What cut off this target alone, beside the deaths of the relay. */
  readonly cuts: readonly Cut[];
}

/** Answers of this span may not have arrived. */
export interface Cut {
  readonly fromMs: number;
  readonly toMs: number;
}

export async function startTarget(api: Api, plan: TargetPlan, sourceId: string, dice: Dice): Promise<Target> {
  const receiver = await startReceiver();
  const hook = await api.createHook({
    name: plan.name,
    url: receiver.url,
    events: [plan.events],
    sources: [sourceId],
    ordering: plan.ordering,
    format: plan.format,
    retry: { scheduleSeconds: plan.refuses === null ? Array<number>(20).fill(1) : [1, 3_600], jitter: 0 },
  });
  return { plan, hookId: hook.id, receiver, cuts: [], ...record(receiver, plan, hook.secret, dice) };
}

/** Answers as planned, and notes every attempt. */
export function record(
  receiver: Receiver,
  plan: TargetPlan,
  secret: string,
  dice: Dice,
): Pick<Target, 'sightings' | 'taken'> {
  const sightings: Sighting[] = [];
  const taken = new Set<string>();
  let failsFromMs = 0;

  receiver.answerWith(async (arrival): Promise<Answer> => {
    if (plan.refuses !== null && isRefused(plan, typeOf(arrival))) {
      sightings.push(sightingOf(arrival, secret, false));
      return { status: 422 };
    }
    const mayFail = arrival.at >= failsFromMs && dice.throw() < plan.failing;
    if (mayFail) failsFromMs = arrival.at + FAILURE_PAUSE_MS;
    const isReset = dice.throw() < 0.5;
    const sighting = sightingOf(arrival, secret, !mayFail);
    sightings.push(sighting);
    if (plan.slowMs > 0) await sleep(dice.between(0, plan.slowMs));
    if (mayFail) return isReset ? { kind: 'reset' } : { status: 500 };
    taken.add(sighting.webhookId);
    return { status: 204 };
  });
  return { sightings, taken };
}

export function wants({ events }: TargetPlan, type: string): boolean {
  return isOf(events, type);
}

/** Does its receiver refuse every event of that type? */
export function isRefused({ refuses }: TargetPlan, type: string): boolean {
  return refuses !== null && isOf(refuses, type);
}

/** Only the two forms of a pattern that plans use. */
function isOf(pattern: string, type: string): boolean {
  return pattern === '*' || (pattern.endsWith('.*') && type.startsWith(pattern.slice(0, -1)));
}

/** Of a structured event. */
function typeOf({ body }: Arrival): string {
  return (JSON.parse(body.toString()) as { type: string }).type;
}

function sightingOf(arrival: Arrival, secret: string, isTaken: boolean): Sighting {
  return {
    atMs: arrival.at,
    webhookId: header(arrival, 'webhook-id'),
    sequence: Number(header(arrival, 'posthorn-sequence')),
    attempt: Number(header(arrival, 'posthorn-attempt')),
    body: arrival.body,
    isVerified: isVerified(arrival, secret),
    isTaken,
  };
}

function header({ headers }: Arrival, name: string): string {
  const value = headers[name];
  return typeof value === 'string' ? value : '';
}
