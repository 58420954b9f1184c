/** Checks a delivery's signature as subscribers do: with the libraries they use, neither of them ours. */
import { createHmac } from 'node:crypto';
import { Webhook as StandardWebhook } from 'standardwebhooks';
import { Webhook as SvixWebhook } from 'svix';
import type { Arrival } from './receiver.ts';

/** Throws unless both libraries accept the arrival. They read bodies as text: bytes that are none need `verifyBytes`. */
export function verify({ headers, body }: Arrival, secret: string): void {
  const signed = headers as Record<string, string>;
  new StandardWebhook(secret).verify(body, signed, { jsonParse: false });
  new SvixWebhook(secret).verify(body, signed);
}

export function isVerified(arrival: Arrival, secret: string): boolean {
  try {
    verify(arrival, secret);
    return true;
  } catch {
    return false;
  }
}

/** The signature that the Standard Webhooks specification asks for over exactly these bytes. */
export function signatureOverBytes({ headers, body }: Arrival, secret: string): string {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const hmac = createHmac('sha256', key);
  hmac.update(`${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.`).update(body);
  return `v1,${hmac.digest('base64')}`;
}
