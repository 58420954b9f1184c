/** A request as a provider of the catalogue sends it, and what becomes of it. */
import { type Assurance } from '../../../src/core/envelope.ts';
import { certificateIn } from '../../../src/providers/sender-key/certificate.ts';
import { SERVED } from './sender-keys.ts';

export interface Sample {
  readonly what: string;
  /**
   * Who made the signature: the URL of the page that prints it, or `own`, made by two independent implementations.
   * `none`: there is no signature.
   */
  readonly vector: string;
  /** As it is typed in; null: there is none yet. */
  readonly secret: string | null;
  readonly options?: Readonly<Record<string, string>>;
  /** Where the key lies that the request names, of those in sender-keys.ts. Absent: it names none that is asked for. */
  readonly keyUrl?: string;
  /** When it was received, in Unix seconds or by RFC 3339. Default: 2026-11-01T00:00:00Z. */
  readonly at?: number | string;
  /** Default: POST. */
  readonly method?: string;
  /** The inbound URL. Default: SAMPLE_URL. */
  readonly url?: string;
  /** The last part of the inbound URL, where the provider's events are told apart by it. */
  readonly pathEventType?: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Exact. */
  readonly body: string;
  readonly becomes: Outcome;
}

export type Outcome =
  | { readonly kind: 'events'; readonly assurance: Assurance; readonly events: readonly ExpectedEvent[] }
  /** Answered, not stored. */
  | { readonly kind: 'test' }
  | {
      readonly kind: 'handshake';
      readonly status?: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body: string;
      /** What becomes the secret of a source that has none. */
      readonly secret?: string;
    }
  | { readonly kind: 'rejected' }
  | { readonly kind: 'malformed' };

/** What is left out is not checked; null: absent. */
export interface ExpectedEvent {
  readonly type: string;
  readonly subject?: string | null;
  readonly id?: string;
  readonly source?: string;
  readonly time?: string;
  readonly event?: string | null;
  readonly account?: string | null;
}

/** What the provider's host has for it, as the relay reads it. */
export function senderKeyOf({ keyUrl }: Sample): string | undefined {
  const text = SERVED[keyUrl ?? ''];
  return text === undefined ? undefined : (certificateIn(text)?.publicKey ?? text);
}

export const SAMPLE_URL = 'https://relay.example.com/in/token';
export const SAMPLE_TIME = '2026-11-01T00:00:00Z';
/** Of the source that a sample comes to. */
export const SAMPLE_SOURCE = 'src_1';
