/** A route whose schemas the relay does not export yet: its shape. */
import type * as z from 'zod';

interface Answers<T> {
  readonly 200: { readonly schema: z.ZodType<T> };
}

interface Query<T> {
  readonly query: z.ZodType<T>;
}

export interface getSeries extends Query<{
  /** One or more of accepted, duplicates, rejected, delivered, failed, dead, durationP50Ms, durationP95Ms. */
  metric: string;
  from: string;
  to: string;
  step: 'hour' | 'day';
  hook: number;
  source: string;
}> {
  readonly method: 'get';
  readonly path: '/v1/stats/series';
  readonly answers: Answers<{
    readonly step: 'hour' | 'day';
    readonly data: readonly ({ readonly at: string } & Readonly<Record<string, number | string | null>>)[];
  }>;
}
