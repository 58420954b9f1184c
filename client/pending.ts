/** Routes whose schemas the relay does not export: their shapes, as the API's document states them. */
import type * as z from 'zod';

interface Answers<T> {
  readonly 200: { readonly schema: z.ZodType<T> };
}

interface Query<T> {
  readonly query: z.ZodType<T>;
}

interface Params {
  readonly params: z.ZodType<{ id: string }>;
}

interface PageQuery {
  readonly limit: number;
  readonly cursor: string;
}

interface PageOf<T> {
  readonly data: readonly T[];
  readonly nextCursor: string | null;
}

export interface retryDeliveries extends Params {
  readonly method: 'post';
  readonly path: '/v1/hooks/{id}/retry';
  readonly isBodyOptional: true;
  readonly body: z.ZodType<unknown, { types?: string[]; subject?: string; status?: 'pending' | 'dead' }>;
  readonly answers: { readonly 202: { readonly schema: z.ZodType<{ queued: number }> } };
}

export interface cancelDeliveries extends Params {
  readonly method: 'post';
  readonly path: '/v1/hooks/{id}/cancel';
  readonly isBodyOptional: true;
  readonly body: z.ZodType<unknown, { types?: string[]; subject?: string; before?: string }>;
  readonly answers: Answers<{ cancelled: number }>;
}

export interface listRefusals extends Params, Query<{ limit: number }> {
  readonly method: 'get';
  readonly path: '/v1/sources/{id}/refusals';
  readonly answers: Answers<{
    readonly data: readonly {
      readonly at: string;
      readonly status: number;
      readonly reason: string;
      /** Of credentials: masked. */
      readonly headers: Readonly<Record<string, string>>;
      /** 2 KiB of it. */
      readonly bodyExcerpt: string;
      readonly bodyBytes: number;
    }[];
  }>;
}

interface ExpungeState {
  readonly id: string;
  readonly state: string;
  readonly matched: number;
  readonly expunged: number;
}

export interface createExpunge {
  readonly method: 'post';
  readonly path: '/v1/expunges';
  readonly body: z.ZodType<
    unknown,
    { subject?: string; source?: string; type?: string; from?: string; to?: string }
  >;
  readonly answers: { readonly 202: { readonly schema: z.ZodType<ExpungeState> } };
}

export interface getExpunge extends Params {
  readonly method: 'get';
  readonly path: '/v1/expunges/{id}';
  readonly answers: Answers<ExpungeState>;
}

export interface listAudit extends Query<PageQuery & { actor: string; target: string }> {
  readonly method: 'get';
  readonly path: '/v1/audit';
  readonly answers: Answers<
    PageOf<{
      readonly seq: number;
      readonly at: string;
      readonly actor: string;
      readonly from: string | null;
      readonly call: string;
      readonly target: string;
      readonly before: unknown;
      readonly after: unknown;
      readonly hash: string;
    }>
  >;
}

export interface verifyAudit {
  readonly method: 'get';
  readonly path: '/v1/audit/verify';
  readonly answers: Answers<{ ok: boolean; entries: number; brokenAt: number | null }>;
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

export interface reencryptSecrets {
  readonly method: 'post';
  readonly path: '/v1/secrets/reencrypt';
  readonly answers: Answers<Readonly<Record<string, unknown>>>;
}

export interface Imported {
  readonly sources: number;
  readonly hooks: number;
  readonly keys: number;
  readonly events: number;
}
