/** Figures over time, for charts: a point for each hour or day, also where nothing happened. */
import { Durations } from '../core/durations.ts';
import { hourOf } from '../core/hour.ts';
import type { HookHour } from '../hook/hours.ts';
import { inParallel } from '../storage/in-parallel.ts';
import type { OpenLog } from './open-log.ts';

/** Each is a call; how long attempts took only the hooks' objects know. */
const HOOKS_ASKED = 40;
const ASKED_AT_ONCE = 8;

export interface SeriesQuery {
  readonly fromMs: number;
  readonly toMs: number;
  /** 1 or 24. */
  readonly stepHours: number;
  /** null: all. */
  readonly sourceId: string | null;
  readonly hookId: number | null;
  /** How long attempts took is wanted. */
  readonly withDurations: boolean;
}

export interface SeriesPoint {
  readonly atHour: number;
  readonly accepted: number;
  readonly duplicates: number;
  readonly rejected: number;
  readonly delivered: number;
  readonly failed: number;
  readonly dead: number;
  readonly durationP50Ms: number | null;
  readonly durationP95Ms: number | null;
}

/** Asks the object of a hook, and does not wait for long. */
export type HoursOf = (hookId: number, fromHour: number, toHour: number) => Promise<HookHour[]>;

class Point {
  readonly counts = { accepted: 0, duplicates: 0, rejected: 0, delivered: 0, failed: 0, dead: 0 };
  readonly durations = new Durations();

  add(counts: Readonly<Record<string, number>>, members: readonly (keyof Point['counts'])[]): void {
    for (const member of members) this.counts[member] += counts[member] ?? 0;
  }
}

const INBOUND = ['accepted', 'duplicates', 'rejected'] as const;
const OUTBOUND = ['delivered', 'failed', 'dead'] as const;

export async function seriesOf(
  log: OpenLog,
  hoursOf: HoursOf,
  { fromMs, toMs, stepHours, sourceId, hookId, withDurations }: SeriesQuery,
): Promise<SeriesPoint[] | 'unknown-source' | 'unknown-hook'> {
  const source = sourceId === null ? null : log.sources.get(sourceId);
  if (sourceId !== null && source === null) return 'unknown-source';
  if (hookId !== null && !log.hooks.rows.isLiving(hookId)) return 'unknown-hook';
  const stepOf = (hour: number) => Math.floor(hour / stepHours) * stepHours;
  const fromHour = stepOf(hourOf(fromMs));
  // The step that `toMs` lies in is shown, unless it only begins there.
  const toHour = stepOf(hourOf(Math.max(fromMs, toMs - 1))) + stepHours;
  const points = new Map<number, Point>();
  for (let hour = fromHour; hour < toHour; hour += stepHours) points.set(hour, new Point());
  const at = (hour: number) => points.get(stepOf(hour));

  const tenant = log.hours.tenantBetween(fromHour, toHour);
  const inbound = source === null ? tenant : log.hours.sourceBetween(source, fromHour, toHour);
  for (const { hour, counts } of inbound) at(hour)?.add(counts, INBOUND);
  if (hookId === null) for (const { hour, counts } of tenant) at(hour)?.add(counts, OUTBOUND);

  const took = ({ hour, durations }: HookHour) => at(hour)?.durations.addAll(Durations.of(durations));
  if (hookId !== null) {
    for (const hour of await hoursOf(hookId, fromHour, toHour)) {
      at(hour.hour)?.add({ ...hour, durations: 0 }, OUTBOUND);
      took(hour);
    }
  } else if (withDurations) {
    const busiest = log.summaries.busiest(HOOKS_ASKED);
    await inParallel(busiest, ASKED_AT_ONCE, async (id) => {
      try {
        for (const hour of await hoursOf(id, fromHour, toHour)) took(hour);
      } catch (error) {
        console.warn('hook does not say how long its attempts took', { hookId: id, error: String(error) });
      }
    });
  }
  return [...points].map(([atHour, { counts, durations }]) => ({
    atHour,
    ...counts,
    durationP50Ms: durations.percentile(0.5),
    durationP95Ms: durations.percentile(0.95),
  }));
}
