/**
 * The keys of providers whose requests name the one that signed them: asked for at the provider's own host before the log
 * is called, and kept. Who posts rubbish to an inbound URL makes the relay ask for little, as what has failed is not asked
 * for again at once and only few keys are asked for at a time.
 */
import type { Arrived } from '../providers/provider.ts';
import { senderKeysOf, type ProviderName } from '../providers/providers.ts';
import { certificateIn } from '../providers/sender-key/certificate.ts';
import { keyUrl } from '../providers/sender-key/sender-keys.ts';
import type { Settings } from '../settings.ts';
import { callProvider, type ProviderAnswer } from './provider-call.ts';

export type SenderKey =
  | { readonly kind: 'key'; readonly text: string }
  /** The request names none: if one is due, nothing verifies it. */
  | { readonly kind: 'none' }
  | { readonly kind: 'unavailable' };

interface Kept {
  readonly key: SenderKey;
  readonly untilMs: number;
}

const KEPT_MS = 3_600_000;
/** Of a host that did not answer. */
const FAILED_MS = 30_000;
/** Of a host that has no such key. */
const UNKNOWN_MS = 300_000;
const MAX_KEPT = 200;
/** A promise of one request is none of another's, so a key that is new may be asked for by several at once. */
const MAX_ASKED = 30;
/** A request that was cut off does not say when it ends. */
const ASKED_FOR_MS = 10_000;

const NONE: SenderKey = { kind: 'none' };
const UNAVAILABLE: SenderKey = { kind: 'unavailable' };

export class SenderKeys {
  readonly #ask: (url: string) => Promise<ProviderAnswer | null>;
  readonly #clock: () => number;
  readonly #kept = new Map<string, Kept>();
  /** When each of those under way began. */
  #asked: readonly number[] = [];

  constructor(ask: (url: string) => Promise<ProviderAnswer | null>, clock: () => number) {
    this.#ask = ask;
    this.#clock = clock;
  }

  async get(url: string): Promise<SenderKey> {
    const kept = this.#kept.get(url);
    if (kept !== undefined && kept.untilMs > this.#clock()) return kept.key;
    const startedMs = this.#clock();
    this.#asked = this.#asked.filter((atMs) => Math.abs(startedMs - atMs) < ASKED_FOR_MS);
    if (this.#asked.length >= MAX_ASKED) return UNAVAILABLE;
    this.#asked = [...this.#asked, startedMs];
    const key = await this.#fetched(url);
    const at = this.#asked.indexOf(startedMs);
    if (at !== -1) this.#asked = this.#asked.toSpliced(at, 1);
    return key;
  }

  async #fetched(url: string): Promise<SenderKey> {
    const answer = await this.#ask(url);
    const nowMs = this.#clock();
    const kept = keptOf(answer, nowMs);
    this.#kept.delete(url);
    // What came first goes first.
    const [oldest] = this.#kept.keys();
    if (this.#kept.size >= MAX_KEPT && oldest !== undefined) this.#kept.delete(oldest);
    this.#kept.set(url, kept);
    return kept.key;
  }
}

/** A host that is unwell says nothing of the key; one that has none, or another text, does. */
function keptOf(answer: ProviderAnswer | null, nowMs: number): Kept {
  if (answer === null || answer.status >= 500 || answer.status === 429)
    return { key: UNAVAILABLE, untilMs: nowMs + FAILED_MS };
  const text = answer.status === 200 ? answer.body : null;
  const certificate = certificateIn(text ?? '');
  if (certificate !== null) {
    const isInForce = certificate.fromMs <= nowMs && nowMs < certificate.untilMs;
    return isInForce
      ? {
          key: { kind: 'key', text: certificate.publicKey },
          untilMs: Math.min(nowMs + KEPT_MS, certificate.untilMs),
        }
      : { key: NONE, untilMs: nowMs + UNKNOWN_MS };
  }
  const [pem] = PUBLIC_KEY.exec(text ?? '') ?? [];
  return pem === undefined
    ? { key: NONE, untilMs: nowMs + UNKNOWN_MS }
    : { key: { kind: 'key', text: pem }, untilMs: nowMs + KEPT_MS };
}

const PUBLIC_KEY = /-----BEGIN PUBLIC KEY-----[\sA-Za-z0-9+/=]{1,8192}-----END PUBLIC KEY-----/;

/** Of the isolate: public keys are the same for all tenants. */
let keys: { readonly settings: Settings; readonly of: SenderKeys } | null = null;

/** The key of the provider's own host for a request. `relayHost`: never a target. */
export async function senderKey(
  provider: ProviderName,
  arrived: Arrived,
  settings: Settings,
  relayHost: string,
): Promise<SenderKey> {
  const places = senderKeysOf(provider);
  const url = places && keyUrl(places, arrived);
  if (url === null) return NONE;
  if (keys?.settings !== settings)
    keys = { settings, of: new SenderKeys((asked) => callProvider(asked, settings, relayHost), Date.now) };
  return keys.of.get(url);
}
