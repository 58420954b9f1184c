/** How an attempt proves itself beside the relay's own signature: the hook's login and its further signatures. */
import { extraSignatures } from '../core/extra-signature.ts';
import { headersProblem } from '../core/header.ts';
import type { HookConfig } from '../core/hook-config.ts';
import type { Composed, Message } from './message.ts';

export interface Proofs {
  /** null: the hook has no login. */
  readonly authorization: string | null;
  /** As it is called. */
  readonly url: string;
  /** Of this attempt. */
  readonly timestampSeconds: number;
}

/** The message with them. A further signature may be over any other header. */
export function proven(
  message: Message,
  { signatures = [] }: Pick<HookConfig, 'signatures'>,
  { authorization, url, timestampSeconds }: Proofs,
): Composed {
  if (authorization === null && signatures.length === 0) return { kind: 'message', message };
  const { body } = message;
  const signed = { ...message.headers, ...(authorization === null ? {} : { authorization }) };
  const attempt = { body, timestampSeconds, method: 'POST', url, headers: signed };
  const headers = { ...signed, ...extraSignatures(signatures, attempt) };
  const problem = headersProblem(headers);
  return problem === null
    ? { kind: 'message', message: { headers, body } }
    : { kind: 'unsendable', reason: 'format', problem };
}
