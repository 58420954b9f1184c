/** The `webhooks` of /openapi.json: what the relay sends to a hook's URL, by the hook's format. */
import { EnvelopeSchema } from '../native/events.ts';
import type { Json, Schemas } from './schemas.ts';

const header = (name: string, description: string, example: string, required = true): Json => ({
  name,
  in: 'header',
  required,
  description,
  schema: { type: 'string', example },
});

const OF_ALL: readonly Json[] = [
  header('webhook-id', 'The id of the event: the same for each attempt.', 'evt_2yH8mVvQmB3k'),
  header('webhook-timestamp', 'Of this attempt, in Unix seconds.', '1794916800'),
  header(
    'webhook-signature',
    'Standard Webhooks: HMAC-SHA256 (v1) or Ed25519 (v1a) over `id.timestamp.body`, one a live secret, newest first.',
    'v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=',
  ),
  header('posthorn-tenant', 'The tenant of the hook.', 'default'),
  header('posthorn-hook', 'The number of the hook.', '7'),
  header('posthorn-attempt', 'The number of this attempt, from 1.', '1'),
  header(
    'posthorn-sequence',
    'The place of the delivery among all of this hook, from 1, without gaps. Absent on a test event.',
    '42',
    false,
  ),
  header('posthorn-replay', 'Of what is sent once more: the id of the replay, or `manual`.', 'manual', false),
];
const OF_RAW: readonly Json[] = [
  header('posthorn-type', 'The type of the event.', 'superoffice.contact.updated'),
  header('posthorn-subject', 'The subject of the event.', 'contact/1234', false),
  header('posthorn-event', 'The provider’s own name of the event.', 'contact.changed', false),
];

const RESPONSES: Json = {
  '2XX': { description: 'Delivered, as soon as the head of the answer is in. Its body is not used.' },
  410: { description: 'The receiver is gone: the hook is disabled.' },
  '4XX': { description: 'Failed; tried again by the schedule of the hook.' },
  '5XX': { description: 'Failed; tried again by the schedule of the hook. Retry-After is respected.' },
};

export function deliveriesOf(schemas: Schemas): Readonly<Record<string, Readonly<Record<string, Json>>>> {
  const envelope = schemas.of(EnvelopeSchema, 'output');
  const delivery = (format: string, about: string, parameters: readonly Json[], content: Json) => ({
    post: {
      operationId: `deliver${format}`,
      summary: `A delivery of a hook with format ${format.toLowerCase()}`,
      description: `${about} A delivery may come twice: remember webhook-id.`,
      tags: ['Deliveries'],
      security: [],
      parameters: [...OF_ALL, ...parameters],
      requestBody: { required: true, content },
      responses: RESPONSES,
    },
  });
  return {
    structured: delivery('Structured', 'The envelope of the event as CloudEvents JSON.', [], {
      'application/cloudevents+json': { schema: envelope },
    }),
    binary: delivery('Binary', 'The data of the event; the rest of its envelope is in ce- headers.', [], {
      'application/json': { schema: {} },
    }),
    raw: delivery('Raw', 'What the provider sent, byte for byte, under its own content type.', OF_RAW, {
      '*/*': {},
    }),
    superoffice: delivery('Superoffice', 'The event as SuperOffice itself would send it.', [], {
      'application/json': { schema: {} },
    }),
  };
}
