/**
 * What a provider's folder offers: how its requests are verified and read. It knows the provider's wire format and
 * nothing of storage, queues or answers; the caller verifies first and reads then.
 */
import { type Facts } from '../core/envelope.ts';

export type { Facts };

/** One request to an inbound URL. */
export interface Arrived {
  readonly body: Uint8Array;
  /** Lower-case names. */
  readonly headers: ReadonlyMap<string, string>;
  /** The event type named in the URL, decoded. */
  readonly pathEventType: string | null;
}

/**
 * JSON Pointers into the body that say where this source's facts stand. One that leads to nothing, or to anything but
 * a string or number, is as if it were absent.
 */
export interface Paths {
  readonly eventType?: string | undefined;
  readonly entityId?: string | undefined;
  readonly account?: string | undefined;
  readonly time?: string | undefined;
  readonly eventId?: string | undefined;
}

/** `rejected`: a signature was due and is missing or wrong. `unsigned`: none was due. */
export type Verdict = 'verified' | 'unsigned' | 'rejected';

export type Reading =
  | { readonly kind: 'event'; readonly facts: Facts }
  /** The provider tries out the URL; nothing happened. */
  | { readonly kind: 'test' }
  /** `path` is a JSON Pointer into the body. */
  | { readonly kind: 'malformed'; readonly path: string; readonly expected: string; readonly got: string };

export interface ReadingContext {
  readonly paths: Paths;
  readonly sourceId: string;
  /** What `verify` found, kept as a fact. */
  readonly verified: boolean;
}

/** A call at the provider, with `{placeholders}` for what the relay does not know. */
export interface ProviderCall {
  /** null: one call for all events. */
  readonly eventType: string | null;
  readonly method: 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface SetupContext {
  readonly name: string;
  readonly inboundUrl: string;
  readonly secret: string | null;
  /** The provider's own names; empty: those that it documents or starts from. */
  readonly events: readonly string[];
}

/** A secret of the caller's own, in the spelling in which it is kept; or, without showing it, what came instead. */
export type OwnSecret =
  { readonly ok: true; readonly secret: string } | { readonly ok: false; readonly got: string };

export interface Provider {
  /** The headers that it reads, in lower case: no others are passed to it. */
  readonly headers: readonly string[];
  /** What a source's secret may be, in words: for refusals and the documentation of the API. */
  readonly secretRule: string;
  /** Reads a secret by that rule; it has up to 400 characters. */
  readSecret(text: string): OwnSecret;
  /**
   * `secrets`: those that count now, newest first, as `readSecret` or `newSecret` gave them; `nowMs`: the time of
   * receipt. Not asked: whether the body makes sense.
   */
  verify(arrived: Arrived, secrets: readonly string[], nowMs: number): Verdict;
  read(arrived: Arrived, context: ReadingContext): Reading;
  /** A secret for a new source out of 32 random bytes, or null when the provider signs nothing. */
  newSecret(random: Uint8Array): string | null;
  /** What to call at the provider so that it posts to an inbound URL; none: nothing is known of its API. */
  setup(context: SetupContext): readonly ProviderCall[];
}
