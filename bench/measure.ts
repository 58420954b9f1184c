/** How things are measured: in short rounds, both sides of a comparison in turn, the middle of them counted. */

/** A ratio wanders less than what it is made of: each round has one of its own. */
export interface Figure {
  /** Its place in the JSON, with dots. */
  readonly name: string;
  readonly unit: Unit;
  readonly value: number;
  /** What it was made of, one number a round; one alone where it was counted. */
  readonly rounds: readonly number[];
  readonly bound: Bound | null;
}

export type Unit = 'a second' | 'ms' | 'µs' | 'times' | 'MiB' | 'KiB' | 'rows' | 'requests' | 'dollars';

/** What a figure must reach. */
export type Bound = { readonly atLeast: number } | { readonly atMost: number };

/** The middle of what the rounds gave. */
export function figure(
  name: string,
  unit: Unit,
  rounds: readonly number[],
  bound: Bound | null = null,
): Figure {
  return { name, unit, value: median(rounds), rounds, bound };
}

export function holds({ value, bound }: Pick<Figure, 'value' | 'bound'>): boolean {
  if (bound === null) return true;
  return 'atLeast' in bound ? value >= bound.atLeast : value <= bound.atMost;
}

/** Runs every side once unrecorded and then `rounds` times, in turn, each time in the other direction. */
export async function interleaved<Side extends string, Result>(
  rounds: number,
  sides: Readonly<Record<Side, () => Promise<Result>>>,
): Promise<Record<Side, Result[]>> {
  const names = Object.keys(sides) as Side[];
  const results = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<Side, Result[]>;
  for (let round = 0; round <= rounds; round += 1) {
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      const result = await sides[name]();
      if (round > 0) results[name].push(result);
    }
  }
  return results;
}

/** Processor time of this process for that work, in milliseconds: what else the machine does counts little. */
export function processorMs(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** Round by round. */
export function ratios(of: readonly number[], over: readonly number[]): number[] {
  return of.map((value, round) => value / (over[round] ?? NaN));
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The smallest value that so great a part of them does not exceed. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * part) - 1)] ?? NaN;
}
