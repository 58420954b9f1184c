/** A hook that sends nowhere by itself: its deliveries go to whoever is connected, as frames of `posthorn.listen.v1`. */
import { base64Of } from './base64.ts';
import type { HookConfig } from './hook-config.ts';
import type { TransportError } from './outcome.ts';

/** The `url` of such a hook. */
export const LISTEN_URL = 'listen:';
export const LISTEN_PROTOCOL = 'posthorn.listen.v1';

/** Why the relay closes the connection of a listener, as WebSocket close codes. */
export const LISTEN_CLOSES = {
  'bad-frame': 4400,
  'bad-key': 4401,
  'no-listener-hook': 4404,
  'taken-over': 4408,
  'not-alone': 4409,
  silent: 4410,
} as const;
export type ListenClose = keyof typeof LISTEN_CLOSES;

/** Of the text of a frame that a client sends. */
export const MAX_FRAME_CHARACTERS = 1024 * 1024;

/** The APIs of other providers have no word for it: only a native hook is one. */
export function isListener({ url, dialect }: Pick<HookConfig, 'url' | 'dialect'>): boolean {
  return url === LISTEN_URL && dialect.kind === 'native';
}

interface OfAttempt {
  readonly eventId: string;
  /** From 1. */
  readonly attempt: number;
}

/** What a client says of an attempt. */
export type ClientFrame = OfAttempt &
  (
    | {
        readonly kind: 'answer';
        readonly status: number;
        readonly headers: Readonly<Record<string, string>>;
        readonly body: string;
      }
    | { readonly kind: 'failed'; readonly error: FailedError }
  );

type FailedError = Extract<TransportError, 'unreachable' | 'timeout' | 'connection-lost'>;
const FAILED_ERRORS: readonly FailedError[] = ['unreachable', 'timeout', 'connection-lost'];

export type FrameReading =
  { readonly ok: true; readonly frame: ClientFrame } | { readonly ok: false; readonly problem: string };

/** A frame as it came. `problem`: why it is none, short enough for a close frame. Unknown members are passed over. */
export function readClientFrame(message: string | ArrayBuffer): FrameReading {
  if (typeof message !== 'string') return expected('a text frame');
  if (message.length > MAX_FRAME_CHARACTERS) return expected(`at most ${MAX_FRAME_CHARACTERS} characters`);
  const members = membersOf(message);
  if (members === null) return expected('a JSON object');
  const { kind, eventId, attempt } = members;
  if (kind !== 'answer' && kind !== 'failed') return expected('/kind to be "answer" or "failed"');
  if (typeof eventId !== 'string') return expected('/eventId to be a text');
  if (!isIntegerFrom(attempt, 1)) return expected('/attempt to be a whole number from 1');
  if (kind === 'failed') {
    const error = FAILED_ERRORS.find((known) => known === members['error']);
    if (error === undefined) return expected(`/error to be one of ${FAILED_ERRORS.join(', ')}`);
    return { ok: true, frame: { kind, eventId, attempt, error } };
  }
  const { status, headers, body } = members;
  if (!isIntegerFrom(status, 100) || status > 599) return expected('/status to be from 100 to 599');
  if (!isTexts(headers ?? {})) return expected('/headers to be texts by name');
  if (typeof (body ?? '') !== 'string') return expected('/body to be a text');
  return {
    ok: true,
    frame: {
      kind,
      eventId,
      attempt,
      status,
      headers: (headers ?? {}) as Readonly<Record<string, string>>,
      body: (body ?? '') as string,
    },
  };
}

/** An attempt as a listener gets it. */
export function deliveryFrame({
  body,
  ...about
}: OfAttempt & {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  readonly timeoutSeconds: number;
}): string {
  const { eventId, attempt, headers, timeoutSeconds } = about;
  const carried = carriedBody(body);
  return JSON.stringify({
    kind: 'delivery',
    eventId,
    attempt,
    method: 'POST',
    headers,
    ...carried,
    timeoutSeconds,
  });
}

/** The first frame that a listener gets. `pending`: how many deliveries have not ended. */
export function readyFrame(hookId: number, pending: number): string {
  return JSON.stringify({ kind: 'ready', hookId, pending });
}

/** As text where it is UTF-8, to the byte. */
function carriedBody(body: Uint8Array): { readonly body: string; readonly encoding: 'utf8' | 'base64' } {
  try {
    const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
    return { body: decoder.decode(body), encoding: 'utf8' };
  } catch {
    return { body: base64Of(body), encoding: 'base64' };
  }
}

function membersOf(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? (value as Readonly<Record<string, unknown>>) : null;
  } catch {
    return null;
  }
}

function isIntegerFrom(value: unknown, least: number): value is number {
  return Number.isSafeInteger(value) && (value as number) >= least;
}

function isTexts(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.values(value).every((text) => typeof text === 'string');
}

function expected(what: string): FrameReading {
  return { ok: false, problem: `expected ${what}` };
}
