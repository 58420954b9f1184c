/**
 * Requests of any sender that follows Standard Webhooks: signed, with an id of their own, and as the specification
 * recommends a JSON object with `type`, `timestamp` and `data`. What is signed wins over the URL, which is not.
 * Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
import { objectText } from '../../core/body.ts';
import { inWords, membersByName, stringText } from '../../core/json-text.ts';
import { newSecret } from '../../core/signature.ts';
import { dottedEvent } from '../event-name.ts';
import { MAX_FACT_CHARS, factAt, factByPointer, firstEventId, idAmong, recordId, usable } from '../fact.ts';
import { oneEvent, type Provider, type Reading } from '../provider.ts';
import { SECRET_RULE, SIGNED_HEADERS, readSecret, signedHeader, verifySignature } from './signature.ts';

export const standardWebhooks: Provider = {
  about: {
    name: 'Standard Webhooks',
    docs: 'https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md',
    assurance: 'signature',
    secret: { from: 'provider', label: 'Signing secret' },
    batch: false,
    handshake: false,
  },
  headers: SIGNED_HEADERS,
  secretRule: SECRET_RULE,
  readSecret,
  verify: verifySignature,

  read({ body, headers, pathEventType }, { paths, sourceId, assurance }): Reading {
    const arrived = objectText(body);
    if (arrived.kind === 'other') {
      return { kind: 'malformed', path: '', expected: 'a JSON object in UTF-8', got: arrived.got };
    }
    const { text } = arrived;
    const sent = membersByName(text);
    const type = sent.get('type');
    const typeText = type === undefined ? null : stringText(text, type);
    const event = factByPointer(text, paths.eventType) ?? usable(typeText) ?? usable(pathEventType);
    if (event === null) {
      const expected = `a string of 1 to ${MAX_FACT_CHARS} characters, or a source whose paths say where it is`;
      return { kind: 'malformed', path: '/type', expected, got: inWords(text, type) };
    }
    const named = dottedEvent(event);
    return oneEvent(
      {
        id: firstEventId(factByPointer(text, paths.eventId), signedHeader(headers, 'id')),
        event,
        ...named,
        entityId: recordId(factByPointer(text, paths.entityId) ?? entityIdIn(text, named.entity)),
        source: `/standard-webhooks/${sourceId}`,
        account: factByPointer(text, paths.account),
        actor: null,
        webhookName: null,
        time: factByPointer(text, paths.time) ?? factAt(text, sent.get('timestamp')),
        changes: [],
        identifiers: {},
        assurance,
        raw: { kind: 'json', text },
      },
      body,
    );
  },

  newSecret,
  setup: () => [],
};

/** `id`, else `{entity}Id`, of the member `data`. */
function entityIdIn(text: string, entity: string): string | null {
  const data = membersByName(text).get('data');
  return data === undefined ? null : idAmong(text, membersByName(text, data.start), entity);
}
