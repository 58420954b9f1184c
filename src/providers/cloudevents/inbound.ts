/**
 * Events of any sender that speaks CloudEvents, in structured, binary or batch mode. They are kept as they came: id,
 * source, type, subject and time are the sender's, and nothing is put in front of the type.
 */
import { type Arrived, type Provider, type Reading } from '../provider.ts';
import { MODES, readOffer } from './modes.ts';
import { SECRET_RULE, credentialsIn, readSecret, verify } from './verify.ts';

/** A host, or a URL of one: no markup, and no header line ends in it. */
const ORIGIN = /^[A-Za-z0-9.:/_*-]{1,253}$/;

export const cloudevents: Provider = {
  about: {
    name: 'CloudEvents',
    docs: 'https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/http-webhook.md',
    assurance: 'signature',
    secret: { from: 'none', label: '' },
    batch: true,
    handshake: true,
    setup:
      'Let the sender post to the inbound URL, in structured, binary or batch mode. Without a secret the source takes what comes. With one it takes nothing else: an access token as Authorization: Bearer or ?access_token=, or the whsec_ or whpk_ secret of a sender that signs by Standard Webhooks, as another Posthorn does.',
  },
  headers: 'all',
  secretRule: SECRET_RULE,
  isSecretOptional: true,
  readSecret,
  verify,
  credentialsIn,
  greet,

  read({ headers, body }): Reading {
    const offer = readOffer(headers, body);
    switch (offer.kind) {
      case 'envelopes':
      case 'too-many':
        return offer;
      case 'unsupported': {
        const got = headers.has('content-type') ? 'another content type' : 'none';
        return { kind: 'malformed', path: 'header/content-type', expected: MODES, got };
      }
      case 'invalid': {
        const [first = { path: '', expected: MODES, got: 'another body' }] = offer.problems;
        return { kind: 'malformed', ...first };
      }
    }
  },

  newSecret: () => null,
  setup: () => [],
};

/** The validation request of a sender that wants to be allowed before it delivers, at any rate. */
function greet({ method, headers }: Arrived): Reading | null {
  const origin = headers.get('webhook-request-origin') ?? '';
  if (method !== 'OPTIONS' || !ORIGIN.test(origin)) return null;
  const allowed = { 'webhook-allowed-origin': origin, 'webhook-allowed-rate': '*', allow: 'POST' };
  return {
    kind: 'handshake',
    reply: { status: 200, headers: allowed, contentType: null, body: '' },
    secret: null,
  };
}
