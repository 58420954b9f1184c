/** What is kept of an attempt, and shown: bounded, and without the values that are write-only. */
import { MASK } from '../core/hook-config.ts';
import type { AnswerStart } from './answer-start.ts';
import type { Exchange } from './attempt.ts';
import type { Message } from './message.ts';
import type { WriteOnly } from './write-only.ts';

const EXCERPT_BYTES = 1024;
/** In a notice. */
const SHORT_EXCERPT_CHARACTERS = 256;
/** Of the headers of a request or an answer, as JSON. What exceeds it is left out, from the end. */
const HEADERS_BYTES = 1536;
const HEADER_VALUE_CHARACTERS = 256;
/** SuperOffice keeps as much of a webhook's last error. */
const ANSWER_CHARACTERS = 4000;

export type ShownHeaders = Readonly<Record<string, string>>;

export interface AttemptReport {
  readonly result: Exchange['result'];
  /** null: there was no answer, or it is not kept. */
  readonly responseHeaders: ShownHeaders | null;
  /** Start of the answer's body as text; ends in … where it was cut. */
  readonly responseExcerpt: string | null;
  /** null: they are not kept. */
  readonly requestHeaders: ShownHeaders | null;
  readonly durationMs: number;
  /** In words, why nothing was sent; absent: `result` says it all. */
  readonly detail?: string;
}

/** `keepsSuccess`: of a 2xx too. */
export function reportOf(
  { result, headers, start, durationMs }: Exchange,
  message: Message,
  writeOnly: WriteOnly,
  keepsSuccess: boolean,
): AttemptReport {
  const isSuccess = result.kind === 'answer' && result.status >= 200 && result.status < 300;
  if (result.kind === 'quota' || (isSuccess && !keepsSuccess)) return withoutEvidence(result, durationMs);
  return {
    result,
    responseHeaders: headers && shownHeaders(headers, writeOnly),
    responseExcerpt: start && excerptOf(start, writeOnly),
    requestHeaders: shownHeaders(Object.entries(message.headers), writeOnly),
    durationMs,
  };
}

/** Of what was not sent, or of a success whose answer nobody asked for. */
export function withoutEvidence(result: Exchange['result'], durationMs = 0): AttemptReport {
  return { result, responseHeaders: null, responseExcerpt: null, requestHeaders: null, durationMs };
}

/** What came back, in words: the answer's status, headers and start of its body, or why there is none. */
export function answerText({ result, responseHeaders, responseExcerpt }: AttemptReport): string {
  if (result.kind === 'quota') return 'No answer: nothing was sent';
  if (result.kind === 'failed') return `No answer: ${result.error}`;
  const headers = Object.entries(responseHeaders ?? {}).map(([name, value]) => `${name}: ${value}`);
  const text = [`HTTP ${result.status}`, ...headers, '', responseExcerpt ?? ''].join('\n').trimEnd();
  return text.length > ANSWER_CHARACTERS ? `${text.slice(0, ANSWER_CHARACTERS - 1)}…` : text;
}

/** For a line of text; null: there was no answer, or none of its body is kept. */
export function shortExcerptOf({ responseExcerpt: text }: AttemptReport): string | null {
  if (text === null || text.length <= SHORT_EXCERPT_CHARACTERS) return text;
  // Half a character is no text.
  return `${text.slice(0, SHORT_EXCERPT_CHARACTERS - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}

function excerptOf({ text, isWhole }: AnswerStart, { masking }: WriteOnly): string {
  const shown = masking.masked(text, !isWhole);
  const bytes = new TextEncoder().encode(shown);
  if (bytes.length <= EXCERPT_BYTES) return isWhole ? shown : `${shown}…`;
  return `${new TextDecoder().decode(bytes.subarray(0, EXCERPT_BYTES))}…`;
}

function shownHeaders(
  headers: Iterable<readonly [string, string]>,
  { names, masking }: WriteOnly,
): ShownHeaders {
  const shown: Record<string, string> = {};
  let bytes = 0;
  for (const [name, value] of headers) {
    const isCut = value.length > HEADER_VALUE_CHARACTERS;
    const text = names.has(name) ? MASK : cut(masking.masked(value), isCut);
    bytes += new TextEncoder().encode(JSON.stringify([name, text])).length;
    if (bytes > HEADERS_BYTES) break;
    shown[name] = text;
  }
  return shown;
}

function cut(text: string, isCut: boolean): string {
  return isCut ? `${text.slice(0, HEADER_VALUE_CHARACTERS)}…` : text;
}
