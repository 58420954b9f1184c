/** The requests of the exam: good ones, and good ones with one thing wrong. Pure but for the ids and the clock it is given. */
import { keyOf, sign } from '../../src/core/signature.ts';
import type { Asked } from './exchange.ts';

export interface Tester {
  readonly secret: string;
  readonly type: string;
  /** Own headers, such as an authorization. */
  readonly headers: Readonly<Record<string, string>>;
  readonly nowMs: () => number;
  readonly newId: () => string;
}

export interface Variation {
  /** Of the event; a new one when absent. */
  readonly id?: string;
  readonly type?: string;
  /** Seconds from now. */
  readonly offsetSeconds?: number;
  /** In place of an envelope. */
  readonly body?: Uint8Array;
  /** What is sent in place of what was signed. */
  readonly sentBody?: Uint8Array;
  readonly contentType?: string;
  /** In place of the right signature; null: none is sent. */
  readonly signature?: ((id: string, seconds: number, body: Uint8Array) => string) | null;
}

export function requestOf(tester: Tester, variation: Variation = {}): Asked {
  const { id = tester.newId(), type = tester.type, offsetSeconds = 0 } = variation;
  const { contentType = 'application/cloudevents+json; charset=utf-8', signature } = variation;
  const seconds = Math.floor(tester.nowMs() / 1000) + offsetSeconds;
  const body = variation.body ?? utf8(JSON.stringify(envelope(tester, id, type)));
  const signed =
    signature === undefined
      ? signedBy(keyOf(tester.secret))(id, seconds, body)
      : signature?.(id, seconds, body);
  return {
    headers: {
      ...tester.headers,
      'content-type': contentType,
      'user-agent': 'Posthorn-Doctor',
      'webhook-id': id,
      'webhook-timestamp': String(seconds),
      ...(signed === undefined ? {} : { 'webhook-signature': signed }),
    },
    body: variation.sentBody ?? body,
  };
}

export function envelope({ nowMs }: Tester, id: string, type: string, raw: unknown = { doctor: true }) {
  return {
    specversion: '1.0',
    id,
    source: '/posthorn/doctor',
    type,
    subject: 'doctor/1',
    time: new Date(nowMs()).toISOString(),
    datacontenttype: 'application/json',
    data: { provider: 'posthorn', entity: 'doctor', entityId: '1', action: 'test', raw },
  };
}

export function signedBy(key: Uint8Array) {
  return (id: string, seconds: number, body: Uint8Array) =>
    sign({ secrets: [key], secretKeys: [] }, id, seconds, body);
}

export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
