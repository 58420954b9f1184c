/**
 * How long attempts took, counted in buckets: exact below 16 ms, above that within 6 %, whatever their number. The buckets
 * of several hours or hooks add up, which percentiles would not.
 */

/** Each power of two above 16 ms has so many buckets. */
const PARTS = 8;
const EXACT_BELOW = 2 * PARTS;

export class Durations {
  readonly #counts = new Map<number, number>();
  #total = 0;

  /** Of what `toJSON` gave. */
  static of(counts: Readonly<Record<string, number>> = {}): Durations {
    const durations = new Durations();
    for (const [bucket, count] of Object.entries(counts)) durations.#add(Number(bucket), count);
    return durations;
  }

  get total(): number {
    return this.#total;
  }

  add(ms: number): void {
    this.#add(bucketOf(Math.max(0, Math.round(ms))), 1);
  }

  addAll(other: Durations): void {
    for (const [bucket, count] of other.#counts) this.#add(bucket, count);
  }

  /** In ms, the duration that this part of all did not exceed; null: there are none. */
  percentile(part: number): number | null {
    if (this.#total === 0) return null;
    let left = Math.ceil(this.#total * part);
    for (const [bucket, count] of [...this.#counts].sort(([a], [b]) => a - b)) {
      left -= count;
      if (left <= 0) return middleOf(bucket);
    }
    return null;
  }

  /** Counts by bucket, of those that have any. */
  toJSON(): Record<string, number> {
    return Object.fromEntries(this.#counts);
  }

  #add(bucket: number, count: number): void {
    this.#counts.set(bucket, (this.#counts.get(bucket) ?? 0) + count);
    this.#total += count;
  }
}

function bucketOf(ms: number): number {
  if (ms < EXACT_BELOW) return ms;
  const power = Math.floor(Math.log2(ms));
  const part = Math.floor(ms / 2 ** (power - 3)) - PARTS;
  return EXACT_BELOW + (power - 4) * PARTS + part;
}

function middleOf(bucket: number): number {
  if (bucket < EXACT_BELOW) return bucket;
  const power = Math.floor((bucket - EXACT_BELOW) / PARTS) + 4;
  const width = 2 ** (power - 3);
  const from = ((bucket - EXACT_BELOW) % PARTS) * width + 2 ** power;
  return Math.round(from + (width - 1) / 2);
}
