/** Bodies of this API: JSON, and a webhook in it. */
import { bodyText } from '../../../core/body.ts';
import { readExactly } from '../../../core/exact-numbers.ts';
import { readWebhook, type WebhookInput } from '../../../providers/superoffice/webhook.ts';
import { jsonBodyOf } from '../../api.ts';
import { headerProblems } from '../../header-rules.ts';
import type { Ctx } from './client.ts';
import { badArgument } from './errors.ts';

/** Of the types that SuperOffice takes those that are JSON. */
const JSON_TYPE = /^(?:application\/(?:[\w.-]+\+)?|text\/)json\s*(?:;|$)/i;

/** The body as a value; `null` where a call may come without one. Numbers in it are kept to the letter (exact-numbers.ts). */
export async function jsonOf(c: Ctx): Promise<unknown> {
  const { text, value } = await textAndValueOf(c);
  return text === '' ? value : readExactly(text);
}

/** The same with its text, for what is kept to the letter. */
export async function textAndValueOf(c: Ctx): Promise<{ readonly text: string; readonly value: unknown }> {
  const { value, bytes } = await jsonBodyOf(c.req.raw, false, JSON_TYPE);
  const read = bodyText(bytes);
  return { text: read.kind === 'json' ? read.text : '', value };
}

/** `isForTest`: it is only to be pinged. */
export function webhookIn(value: unknown, { isForTest = false } = {}): WebhookInput {
  const reading = readWebhook(value, { isForTest });
  if (!reading.ok) throw badArgument(reading.messages.join('; '));
  const problems = headerProblems(reading.webhook.headers ?? {});
  if (problems.length > 0) {
    throw badArgument(
      problems.map(({ name, expected }) => `Webhook Headers ${name}: expected ${expected}`).join('; '),
    );
  }
  return reading.webhook;
}
