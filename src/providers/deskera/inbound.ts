/**
 * Deskera's webhook requests. Nothing about them is documented, so any body is an event: what can be read in it is
 * taken as a fact, and the bytes are kept. Nothing is signed; the URL is the only secret.
 */
import { setupCalls } from './setup.ts';
import { bodyText } from '../../core/body.ts';
import { kindOf, membersByName, stringText } from '../../core/json-text.ts';
import { factByPointer, firstEventId, idAmong, recordId, usable } from '../fact.ts';
import { oneEvent, type Provider, type Reading } from '../provider.ts';
import { namedEvent } from './event-name.ts';

/** Where a body may name its event, most telling first. */
const EVENT_MEMBERS = ['eventType', 'event', 'type'] as const;

export const deskera: Provider = {
  about: {
    name: 'Deskera',
    docs: 'https://deskera.github.io/Developer-Documentation/docs/books/webhook',
    assurance: 'none',
    secret: { from: 'none', label: '' },
    batch: false,
    handshake: false,
  },
  isKnownByBody: true,
  headers: ['idempotency-key', 'webhook-id'],
  secretRule: 'none: Deskera signs nothing',
  readSecret: (text) => (text === '' ? { ok: true, secret: '' } : { ok: false, got: 'a secret' }),
  verify: () => 'none',

  read({ body, headers, pathEventType }, { paths, sourceId, assurance }): Reading {
    const arrived = bodyText(body);
    const text = arrived.kind === 'json' ? arrived.text : null;
    const event = factByPointer(text, paths.eventType) ?? usable(pathEventType) ?? eventIn(text);
    const { entity, action } = namedEvent(event);
    return oneEvent(
      {
        // Without an id two equal bodies are two events: two identical movements of stock can both be real.
        id: firstEventId(
          factByPointer(text, paths.eventId),
          headers.get('idempotency-key'),
          headers.get('webhook-id'),
        ),
        event,
        entity,
        action,
        entityId: recordId(factByPointer(text, paths.entityId) ?? entityIdIn(text, entity)),
        source: `/deskera/${sourceId}`,
        account: factByPointer(text, paths.account),
        actor: null,
        webhookName: null,
        time: factByPointer(text, paths.time),
        changes: [],
        identifiers: {},
        assurance,
        raw:
          text === null
            ? { kind: 'bytes', contentType: headers.get('content-type') ?? null }
            : { kind: 'json', text },
      },
      body,
    );
  },

  newSecret: () => null,
  setup: setupCalls,
};

function eventIn(text: string | null): string | null {
  if (text === null) return null;
  const sent = membersByName(text);
  for (const name of EVENT_MEMBERS) {
    const member = sent.get(name);
    const event = member === undefined ? null : usable(stringText(text, member));
    if (event !== null) return event;
  }
  return null;
}

/**
 * `id`, else `{entity}Id`, of the body or, when it has neither, of its only member that is an object (a wrapper such
 * as `{"eventType":…,"data":{…}}`). An array holds several records, hence names none.
 */
function entityIdIn(text: string | null, entity: string): string | null {
  if (text === null) return null;
  const sent = membersByName(text);
  const id = idAmong(text, sent, entity);
  if (id !== null) return id;
  const [only, ...others] = [...sent.values()].filter((member) => kindOf(text, member) === 'object');
  return only === undefined || others.length > 0
    ? null
    : idAmong(text, membersByName(text, only.start), entity);
}
