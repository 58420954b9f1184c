/** One attempt as it goes over the wire: headers and body by the hook's format. Pure; sends nothing. */
import { structuredBody, type StoredEnvelope } from './envelope.ts';
import type { HookConfig } from './hook-config.ts';
import { parseSecret, sign } from './signature.ts';

/** What of an event a message is made of. */
export interface MessageEvent extends StoredEnvelope {
  readonly id: string;
  readonly type: string;
  readonly subject: string | null;
  readonly event: string | null;
  readonly contentType: string | null;
  readonly raw: Uint8Array;
}

export interface MessageContext {
  readonly tenant: string;
  readonly hookId: number;
  readonly config: Pick<HookConfig, 'format' | 'headers'>;
  /** Live secrets, newest first. */
  readonly secrets: readonly string[];
  /** From 1. */
  readonly attempt: number;
  /** From 1; null for what has no place in the hook's sequence. */
  readonly sequence: number | null;
  /** Of this attempt. */
  readonly timestampSeconds: number;
  readonly userAgent: string;
}

export interface Message {
  readonly headers: Headers;
  readonly body: Uint8Array;
}

export function messageOf(event: MessageEvent, context: MessageContext): Message {
  const { config } = context;
  const body = config.format === 'raw' ? event.raw : structuredBody(event, event.raw);
  const headers = new Headers({ ...config.headers });
  const set = (name: string, value: string | number | null) => {
    if (value !== null) headers.set(name, String(value));
  };

  if (config.format === 'raw') {
    set('content-type', event.contentType ?? 'application/octet-stream');
    set('posthorn-type', headerText(event.type));
    set('posthorn-subject', event.subject === null ? null : headerText(event.subject));
    set('posthorn-event', event.event === null ? null : headerText(event.event));
  } else {
    set('content-type', 'application/cloudevents+json; charset=utf-8');
  }
  set('user-agent', context.userAgent);
  set('webhook-id', event.id);
  set('webhook-timestamp', context.timestampSeconds);
  set('webhook-signature', sign(context.secrets.map(keyOf), event.id, context.timestampSeconds, body));
  set('posthorn-tenant', context.tenant);
  set('posthorn-hook', context.hookId);
  set('posthorn-attempt', context.attempt);
  set('posthorn-sequence', context.sequence);
  return { headers, body };
}

/** Header values hold printable ASCII; the rest is percent-encoded, as CloudEvents does it in binary mode. */
export function headerText(text: string): string {
  return Array.from(text, (character) =>
    /[\x21\x23\x24\x26-\x7e]/.test(character) ? character : encodeURIComponent(character.toWellFormed()),
  ).join('');
}

function keyOf(secret: string): Uint8Array {
  const reading = parseSecret(secret);
  if (!reading.ok) throw new Error(`stored secret: expected ${reading.expected}`);
  return reading.key;
}
