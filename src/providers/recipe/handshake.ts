/**
 * What a provider asks before it sends events, and the answer. Only a value of a harmless form is echoed, and only one
 * that no message can be is signed.
 */
import { createHmac } from 'node:crypto';
import { type Reply } from '../provider.ts';
import { keyBytes } from './key.ts';
import { isSignable } from './message.ts';
import { type Digest, type Encoding, type Handshake, type KeyForm } from './recipe.ts';

/** Printable ASCII: no markup goes unnoticed in it as plain text, and no header line ends in it. */
const ECHOED = /^[\x20-\x7e]{1,4096}$/;

/** Null: this is no handshake after all. `secret`: that of the source, null while it has none. */
export function replyTo(
  value: string,
  { reply, keepsSecret = false }: Handshake,
  secret: string | null,
  key: KeyForm,
): Reply | null {
  if (!ECHOED.test(value) || (keepsSecret && secret !== null)) return null;
  const signature = reply.sign === undefined ? '' : signed(value, reply.sign, secret, key);
  if (signature === null) return null;
  const filled = (text: string) =>
    text.replace(/\{(value|signature)\}/g, (part) => (part === '{value}' ? value : signature));
  const { status = 200, echo = false, json, headers = {} } = reply;
  const [body, contentType] =
    json === undefined
      ? [echo ? value : '', echo ? 'text/plain; charset=utf-8' : null]
      : [JSON.stringify(mapped(json, filled)), 'application/json'];
  return { status, headers: mapped(headers, filled), contentType: reply.contentType ?? contentType, body };
}

function mapped<T>(
  members: Readonly<Record<string, T>>,
  filled: (text: string) => string,
): Record<string, T> {
  return Object.fromEntries(
    Object.entries(members).map(([name, value]) => [
      name,
      typeof value === 'string' ? (filled(value) as T) : value,
    ]),
  );
}

function signed(
  value: string,
  { digest, encoding, prefix = '' }: { digest: Digest; encoding: Encoding; prefix?: string | undefined },
  secret: string | null,
  form: KeyForm,
): string | null {
  const key = secret === null ? null : keyBytes(secret, form);
  return key === null || !isSignable(value)
    ? null
    : prefix + createHmac(digest, key).update(value).digest(encoding);
}
