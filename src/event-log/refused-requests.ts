/**
 * The latest requests that each source has refused, for whoever sets up its sender. In memory alone: what was refused costs
 * no row, and what is forgotten with the object comes again, as its sender tries again. No secret is kept in it.
 */
import { MASK } from '../core/mask.ts';
import { Masking } from '../core/masking.ts';
import type { Arrived, Credentials, Provider } from '../providers/provider.ts';
import type { Rejection } from './source-stats.ts';
import type { Source } from './source.ts';

/** A refused request, as the edge tells of it. */
export interface RefusalReport {
  readonly status: number;
  readonly reason: Rejection;
  readonly method: string;
  readonly url: string;
  readonly headers: ReadonlyMap<string, string>;
  /** The start of it. */
  readonly body: Uint8Array;
  /** Of the whole body; where it was not read to its end, at least so many. */
  readonly bodyBytes: number;
}

export interface RefusedRequest {
  readonly atMs: number;
  readonly status: number;
  readonly reason: Rejection;
  readonly headers: Readonly<Record<string, string>>;
  readonly bodyExcerpt: string;
  readonly bodyBytes: number;
}

export const KEPT_REFUSALS = 20;
const EXCERPT_BYTES = 2048;
/** Of all sources of a tenant together, in characters. */
const MAX_CHARACTERS = 2_000_000;
const MAX_HEADERS = 60;
const MAX_HEADER_CHARACTERS = 400;
/** Of any provider. */
const CREDENTIALS: readonly string[] = ['authorization', 'proxy-authorization', 'cookie'];

export class RefusedRequests {
  /** Newest last, and last the source that was refused last. */
  readonly #bySource = new Map<string, readonly RefusedRequest[]>();
  #characters = 0;

  note(source: Source, provider: Provider, report: RefusalReport, nowMs: number): void {
    const { id } = source;
    const before = this.#bySource.get(id) ?? [];
    this.forget(id);
    const kept = [...before, masked(source, provider, report, nowMs)].slice(-KEPT_REFUSALS);
    this.#bySource.set(id, kept);
    this.#characters += charactersOf(kept);
    for (const oldest of this.#bySource.keys()) {
      if (this.#characters <= MAX_CHARACTERS || oldest === id) break;
      this.forget(oldest);
    }
  }

  /** Newest first. */
  of(sourceId: string, limit: number): RefusedRequest[] {
    return (this.#bySource.get(sourceId) ?? []).toReversed().slice(0, limit);
  }

  forget(sourceId: string): void {
    this.#characters -= charactersOf(this.#bySource.get(sourceId) ?? []);
    this.#bySource.delete(sourceId);
  }
}

function masked(source: Source, provider: Provider, report: RefusalReport, nowMs: number): RefusedRequest {
  const { status, reason, headers, body, bodyBytes } = report;
  const isWhole = body.byteLength === bodyBytes;
  const arrived: Arrived = { ...report, pathEventType: null };
  const none: Credentials = { headers: [], values: [], isBodyHidden: false };
  const shown = provider.credentialsIn?.(arrived, isWhole) ?? none;
  const names = new Set([...CREDENTIALS, ...shown.headers.map((name) => name.toLowerCase())]);
  const masking = new Masking([
    ...[...source.secrets, ...source.tokens].map(({ text }) => text),
    ...shown.values,
    ...[...names].map((name) => headers.get(name) ?? ''),
  ]);
  const told = [...headers].slice(0, MAX_HEADERS).map(([name, value]) => {
    const isCut = value.length > MAX_HEADER_CHARACTERS;
    const text = masking.masked(value).slice(0, MAX_HEADER_CHARACTERS) + (isCut ? '…' : '');
    return [name, names.has(name) ? MASK : text] as const;
  });
  const text = shown.isBodyHidden ? '' : masking.masked(textOf(body), !isWhole);
  return {
    atMs: nowMs,
    status,
    reason,
    headers: Object.fromEntries(told),
    bodyExcerpt: excerptOf(text),
    bodyBytes,
  };
}

/** So much of the text as 2 KiB hold. */
function excerptOf(text: string): string {
  return textOf(new TextEncoder().encode(text).subarray(0, EXCERPT_BYTES));
}

/** Without the half of a character that it may end in. */
function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes, { stream: true });
}

function charactersOf(requests: readonly RefusedRequest[]): number {
  return requests.reduce((sum, { headers, bodyExcerpt }) => {
    const ofHeaders = Object.entries(headers).reduce(
      (all, [name, value]) => all + name.length + value.length,
      0,
    );
    return sum + bodyExcerpt.length + ofHeaders;
  }, 0);
}
