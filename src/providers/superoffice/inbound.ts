/**
 * SuperOffice's webhook requests: a JSON object with an Event, signed where the hook has a secret.
 * Source: SuperOffice docs, notification page. Members win over headers, as headers are not signed.
 */
import { setupCalls } from './setup.ts';
import { hash } from 'node:crypto';
import { attributeText } from '../../core/attribute.ts';
import { base64UrlOf } from '../../core/base64.ts';
import { objectText } from '../../core/body.ts';
import {
  type Member,
  elements,
  inWords,
  members,
  membersByName,
  scalarText,
  stringText,
} from '../../core/json-text.ts';
import {
  MAX_FACTS_CHARS,
  MAX_FACT_CHARS,
  factAt,
  factByPointer,
  firstEventId,
  recordId,
  usable,
} from '../fact.ts';
import { oneEvent, type Provider, type Reading } from '../provider.ts';
import { namedEvent } from './event-name.ts';
import { verifySignature } from './signature.ts';

/** SuperOffice's own bound. */
const MAX_SECRET_CHARACTERS = 400;

export const superoffice: Provider = {
  about: {
    name: 'SuperOffice',
    docs: 'https://docs.superoffice.com/en/automation/webhook/dev/security.html',
    assurance: 'signature',
    secret: { from: 'relay', label: 'Secret' },
    batch: false,
    handshake: false,
  },
  headers: ['x-superoffice-signature', 'x-superoffice-eventid', 'x-hook-test'],
  secretRule: `the Secret of the webhook there, up to ${MAX_SECRET_CHARACTERS} characters; "" accepts what is unsigned`,
  readSecret: (secret) =>
    secret.length <= MAX_SECRET_CHARACTERS
      ? { ok: true, secret }
      : { ok: false, got: `${secret.length} characters` },
  verify: ({ body, headers }, secrets) =>
    verifySignature(body, headers.get('x-superoffice-signature'), secrets),

  read({ body, headers }, { paths, sourceId, assurance }): Reading {
    const arrived = objectText(body);
    if (arrived.kind === 'other') {
      return { kind: 'malformed', path: '', expected: 'a JSON object in UTF-8', got: arrived.got };
    }
    const { text } = arrived;
    const sent = membersByName(text);
    const member = (name: string) => factAt(text, sent.get(name));

    const eventMember = textOf(text, sent.get('Event')) ?? '';
    if (eventMember.toLowerCase() === 'test') return { kind: 'test' };
    const event = factByPointer(text, paths.eventType) ?? usable(eventMember);
    if (event === null) {
      // The header is not signed, so it counts only where the body says nothing to the contrary.
      if (eventMember === '' && headers.has('x-hook-test')) return { kind: 'test' };
      const expected = `a string of 1 to ${MAX_FACT_CHARS} characters`;
      return { kind: 'malformed', path: '/Event', expected, got: inWords(text, sent.get('Event')) };
    }

    const context = member('ContextIdentifier');
    const eventIds = [
      factByPointer(text, paths.eventId),
      member('EventId'),
      // Where the body is signed, a header that is not signed says nothing about it.
      assurance === 'signature' ? null : headers.get('x-superoffice-eventid'),
    ];
    return oneEvent(
      {
        id: firstEventId(...eventIds) ?? hash('sha256', body, 'base64url'),
        event,
        ...namedEvent(event, member('Entity')),
        entityId: recordId(factByPointer(text, paths.entityId) ?? member('PrimaryKey')),
        source: `/superoffice/${encodeURIComponent(attributeText(context ?? sourceId))}`,
        account: factByPointer(text, paths.account) ?? context,
        actor: member('ChangedByAssociateId'),
        webhookName: member('WebhookName'),
        time: factByPointer(text, paths.time) ?? member('Timestamp'),
        changes: changesIn(text, sent.get('Changes')),
        identifiers: identifiersIn(text, sent.get('Values')),
        assurance,
        raw: { kind: 'json', text },
      },
      body,
    );
  },

  newSecret: base64UrlOf,
  setup: setupCalls,
};

/** Names of columns; the values do not come along. */
function changesIn(text: string, changes: Member | undefined): string[] {
  if (!isUsable(changes)) return [];
  return elements(text, changes.start).flatMap((element) => stringText(text, element) ?? []);
}

/** Ids of a record that is gone. An object without prototype, as a member may be named `__proto__`. */
function identifiersIn(text: string, values: Member | undefined): Record<string, string> {
  const identifiers = Object.create(null) as Record<string, string>;
  if (!isUsable(values)) return identifiers;
  for (const member of members(text, values.start)) {
    const value = scalarText(text, member);
    if (value !== null) identifiers[member.name] = value;
  }
  return identifiers;
}

function isUsable(list: Member | undefined): list is Member {
  return list !== undefined && list.end - list.start <= MAX_FACTS_CHARS;
}

function textOf(text: string, member: Member | undefined): string | null {
  return member === undefined ? null : stringText(text, member);
}
