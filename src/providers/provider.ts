/**
 * What a provider's folder offers: how its requests are verified and read. It knows the provider's wire format and
 * nothing of storage, queues or answers; the caller verifies first and reads then.
 */
import { type Assurance, type Facts, type PublishedEvent } from '../core/envelope.ts';

export type { Assurance, Facts };

/** One request to an inbound URL. */
export interface Arrived {
  readonly method: string;
  /** As the sender was given it, with whatever path and query it put behind. */
  readonly url: string;
  readonly body: Uint8Array;
  /** Lower-case names. */
  readonly headers: ReadonlyMap<string, string>;
  /** The key that the provider's own host has for this request: SPKI in base64. Absent: it names none, or needs none. */
  readonly senderKey?: string | undefined;
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

/** What a request proves of its sender. `rejected`: what was due is missing or wrong; `none`: nothing was due. */
export type Verdict = Assurance | 'rejected';

/** One event of a request, and what of the body is about it. */
export interface Item {
  readonly facts: Facts;
  readonly body: Uint8Array;
}

/** One event of a request that is an envelope already, and is kept as it came. */
export interface EnvelopeItem {
  readonly event: PublishedEvent;
  readonly body: Uint8Array;
  /** Of the body; null: none was named. */
  readonly contentType: string | null;
}

/** What a provider is told in place of the relay's own answer. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Null: there is no body. */
  readonly contentType: string | null;
  readonly body: string;
}

/** Where a provider wants other answers than the relay's own. */
export interface Answers {
  /** To what was taken. */
  readonly status?: number | undefined;
  readonly body?: string | undefined;
  readonly contentType?: string | undefined;
  /** To what was not verified. */
  readonly refusedStatus?: number | undefined;
}

export type Reading =
  /** `isBatch`: the sender put them in a list, be it of one or none. Otherwise there is one. */
  | { readonly kind: 'events'; readonly items: readonly Item[]; readonly isBatch: boolean }
  | { readonly kind: 'envelopes'; readonly items: readonly EnvelopeItem[]; readonly isBatch: boolean }
  /** The provider tries out the URL; nothing happened. */
  | { readonly kind: 'test' }
  /** It asks something before it sends events. `secret`: from now on that of the source; null: nothing changes. */
  | { readonly kind: 'handshake'; readonly reply: Reply; readonly secret: string | null }
  /** Of events in one request. */
  | { readonly kind: 'too-many'; readonly limit: number }
  /** `path` is a JSON Pointer into the body. */
  | { readonly kind: 'malformed'; readonly path: string; readonly expected: string; readonly got: string };

export interface ReadingContext {
  readonly paths: Paths;
  readonly sourceId: string;
  /** What `verify` found, kept as a fact. */
  readonly assurance: Assurance;
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

/** A reading of one event, about which the whole body is. */
export function oneEvent(facts: Facts, body: Uint8Array): Reading {
  return { kind: 'events', items: [{ facts, body }], isBatch: false };
}

/** Who makes a source's secret: shown at the provider and typed in here; made here and typed in there; a public key; nobody. */
export type SecretOrigin = 'provider' | 'relay' | 'public-key' | 'none';

/** What people are told of a provider. */
export interface About {
  readonly name: string;
  /** Its own page about verifying its webhooks. */
  readonly docs: string;
  /** The best that it can give. */
  readonly assurance: Assurance;
  /** `label`: what the provider calls it. */
  readonly secret: { readonly from: SecretOrigin; readonly label: string };
  /** It can put several events into one request. */
  readonly batch: boolean;
  /** It asks before it sends events. */
  readonly handshake: boolean;
  /** Where the inbound URL and the secret go; of a described provider its description says so. */
  readonly setup?: string;
}

/** Where a request shows a secret itself, be it the right one. */
export interface Credentials {
  /** Names of headers. */
  readonly headers: readonly string[];
  readonly values: readonly string[];
  /** There may be more of them in the body, which cannot be read. */
  readonly isBodyHidden: boolean;
}

export interface Provider {
  readonly about: About;
  /** Ids that it repeats mean nothing unless the bodies are the same too. Others repeat event name and record as well. */
  readonly isKnownByBody?: boolean;
  /** The headers that it reads, in lower case: no others are passed to it. */
  readonly headers: readonly string[] | 'all';
  /** What a source's secret may be, in words: for refusals and the documentation of the API. */
  readonly secretRule: string;
  /** Reads a secret by that rule. */
  readSecret(text: string): OwnSecret;
  /**
   * `secrets`: those that count now, newest first, as `readSecret` or `newSecret` gave them; `nowMs`: the time of
   * receipt. Not asked: whether the body makes sense.
   */
  verify(arrived: Arrived, secrets: readonly string[], nowMs: number): Verdict;
  /** `secrets`: as for `verify`. */
  read(arrived: Arrived, context: ReadingContext, secrets?: readonly string[]): Reading;
  /** A handshake or a test that nobody needs to prove anything for; null: it is neither. Asked first, by any method. */
  greet?(arrived: Arrived, secrets: readonly string[]): Reading | null;
  readonly answers?: Answers;
  /** What an operator may have called, where a verified request that brings no event asks for that; null: it does not. */
  confirmationUrl?(arrived: Arrived): string | null;
  /** None: its requests show no secrets. `isWhole` false: the body is the start of one. */
  credentialsIn?(arrived: Arrived, isWhole: boolean): Credentials;
  /** A secret for a new source out of 32 random bytes, or null when the provider signs nothing. */
  newSecret(random: Uint8Array): string | null;
  /** What to call at the provider so that it posts to an inbound URL; none: nothing is known of its API. */
  setup(context: SetupContext): readonly ProviderCall[];
  /** A source may be made without a secret: a handshake brings it. */
  readonly bringsSecret?: boolean;
  /** A source may be made without a secret, and then nothing is checked; one that has a secret takes nothing without it. */
  readonly isSecretOptional?: boolean;
}
