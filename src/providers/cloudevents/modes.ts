/**
 * What a request says in any of the three modes of CloudEvents over HTTP: one event in JSON, one in headers and body, or
 * a list of events in JSON. Source: CloudEvents 1.0.2, HTTP protocol binding, 3.
 */
import { bodyText } from '../../core/body.ts';
import { elements, kindAt } from '../../core/json-text.ts';
import { type EnvelopeItem } from '../provider.ts';
import { isBinary, readBinary } from './binary.ts';
import { readEnvelope, readPublished, type EnvelopeProblem } from './publish.ts';

export type Offer =
  | { readonly kind: 'envelopes'; readonly items: readonly EnvelopeItem[]; readonly isBatch: boolean }
  /** Of events in one request. */
  | { readonly kind: 'too-many'; readonly limit: number }
  /** `path`: a JSON Pointer into the body, or `header/…`. */
  | { readonly kind: 'invalid'; readonly problems: readonly EnvelopeProblem[] }
  /** The request is in none of the modes. */
  | { readonly kind: 'unsupported' };

export const STRUCTURED = 'application/cloudevents+json';
export const BATCH = 'application/cloudevents-batch+json';
export const MODES = `${STRUCTURED}, ${BATCH}, application/json, or any content type with ce- headers`;

const MAX_EVENTS = 1000;
const MAX_PROBLEMS = 50;

/** `headers`: names in lower case. */
export function readOffer(headers: ReadonlyMap<string, string>, body: Uint8Array): Offer {
  const contentType = headers.get('content-type') ?? '';
  const mediaType = contentType.split(';')[0]?.trim().toLowerCase() ?? '';
  if (mediaType === BATCH) return readBatch(body);
  const isStructured = mediaType === STRUCTURED || (mediaType === 'application/json' && !isBinary(headers));
  // Another format of CloudEvents is not data.
  if (!isStructured && (!isBinary(headers) || mediaType.startsWith('application/cloudevents')))
    return { kind: 'unsupported' };
  const reading = isStructured ? readPublished(body) : readBinary(headers, body);
  if (reading.kind === 'invalid') return reading;
  const { kind: _kind, ...event } = reading;
  const item = { event, body, contentType: contentType === '' ? null : contentType };
  return { kind: 'envelopes', items: [item], isBatch: false };
}

function readBatch(body: Uint8Array): Offer {
  const read = bodyText(body);
  if (read.kind !== 'json' || kindAt(read.text, 0) !== 'array') {
    const expected = 'a list of CloudEvents 1.0 envelopes, a JSON array in UTF-8';
    const got = read.kind === 'json' ? kindAt(read.text, 0) : 'no JSON';
    return { kind: 'invalid', problems: [{ path: '', expected, got }] };
  }
  const texts = elements(read.text).map(({ start, end }) => read.text.slice(start, end));
  if (texts.length > MAX_EVENTS) return { kind: 'too-many', limit: MAX_EVENTS };
  const items: EnvelopeItem[] = [];
  const problems: EnvelopeProblem[] = [];
  for (const [at, text] of texts.entries()) {
    const kind = kindAt(text, 0);
    const reading = kind === 'object' ? readEnvelope(text) : noEnvelope(kind);
    if (reading.kind === 'invalid')
      problems.push(...reading.problems.map((problem) => ({ ...problem, path: `/${at}${problem.path}` })));
    else {
      const { kind: _kind, ...event } = reading;
      items.push({ event, body: new TextEncoder().encode(text), contentType: STRUCTURED });
    }
  }
  return problems.length > 0
    ? { kind: 'invalid', problems: problems.slice(0, MAX_PROBLEMS) }
    : { kind: 'envelopes', items, isBatch: true };
}

function noEnvelope(got: string) {
  const expected = 'a CloudEvents 1.0 envelope, a JSON object';
  return { kind: 'invalid', problems: [{ path: '', expected, got }] } as const;
}
