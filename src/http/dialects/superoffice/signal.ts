/** Events that a program signals: into the tenant's log like any other, hence to every hook that wants them. */
import { signalBody } from '../../../providers/superoffice/signal.ts';
import { isEventName } from '../../../providers/superoffice/webhook.ts';
import { eventLogOf } from '../../../registry/address.ts';
import { isPaused, paused } from '../../paused.ts';
import { Refusal } from '../../problem.ts';
import type { Client, Ctx } from './client.ts';
import { badArgument } from './errors.ts';

/** `primaryKey` as text; `data` the text of a JSON object. Returns when the event is on disk. */
export async function signal(
  c: Ctx,
  { tenant }: Client,
  event: string,
  primaryKey: string,
  data: string,
): Promise<void> {
  if (!isEventName(event) || event.toLowerCase() === 'test') {
    throw badArgument('EventName: expected a name without commas, spaces or *, other than test');
  }
  const key = /^-?\d{1,10}$/.test(primaryKey) ? Number(primaryKey) : NaN;
  if ((key | 0) !== key) throw badArgument('PrimaryKey: expected a 32-bit integer');
  if (await isPaused(c.env, 'ingest')) throw paused('ingest');
  const timestamp = new Date().toISOString();
  const about = { event, primaryKey: key, eventId: crypto.randomUUID(), timestamp, context: tenant.tenant };
  const body = new TextEncoder().encode(signalBody(about, data));
  const { maxBodyBytes } = c.get('settings');
  if (body.byteLength > maxBodyBytes) {
    throw new Refusal('too-large', `The event is larger than ${maxBodyBytes} bytes.`);
  }
  const signalled = await eventLogOf(c.env, tenant).signal(body);
  if (typeof signalled !== 'string') throw new Refusal('too-large', `The body holds ${signalled.what}.`);
}
