import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { superoffice } from '../../../src/providers/superoffice/inbound.ts';
import { signatureOf } from '../../../src/providers/superoffice/signature.ts';
import { noSamples, sampleJson } from '../../support/samples.ts';
import { arrived } from '../arrived.ts';

const SECRET = 'Something Super Secret';
const BODY = '{"Event":"contact.changed",\r\n"WebhookName":"Bjørn 顧客 ✅"}';
const bytes = (text: string) => new TextEncoder().encode(text);
const GOOD = signatureOf(bytes(BODY), SECRET);

function verify(
  signature: string | undefined,
  secrets: readonly string[] = [SECRET],
  body: string | Uint8Array = BODY,
) {
  return superoffice.verify(
    arrived(body, signature === undefined ? {} : { 'x-superoffice-signature': signature }),
    secrets,
    0,
  );
}

interface Vectors {
  superoffice: { vectors: { name: string; secret: string; body: string; signature: string }[] };
}

describe.skipIf(noSamples)('the computed vectors', () => {
  test('verify, byte for byte', () => {
    const { vectors } = (sampleJson('signature-vectors.json') as Vectors).superoffice;
    expect(vectors.length).toBeGreaterThanOrEqual(5);
    for (const { name, secret, body, signature } of vectors) {
      expect([name, signatureOf(bytes(body), secret)]).toEqual([name, signature]);
      expect([name, verify(signature, [secret], body)]).toEqual([name, 'signature']);
    }
  });
});

describe('H1: with a secret', () => {
  test('a good signature verifies', () => {
    expect(GOOD).toHaveLength(44);
    expect(verify(GOOD)).toBe('signature');
  });

  test('each flipped bit of the signature is rejected, in the last characters too', () => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
    for (let at = 0; at < 43; at += 1) {
      const index = alphabet.indexOf(GOOD.charAt(at));
      for (let bit = 1; bit < 64; bit *= 2) {
        const flipped = GOOD.slice(0, at) + alphabet.charAt(index ^ bit) + GOOD.slice(at + 1);
        expect([flipped, verify(flipped)]).toEqual([flipped, 'rejected']);
      }
    }
  });

  test('each flipped byte of the body is rejected', () => {
    const body = bytes(BODY);
    for (let at = 0; at < body.length; at += 1) {
      const flipped = body.map((byte, place) => (place === at ? byte ^ 1 : byte));
      expect(verify(GOOD, [SECRET], flipped)).toBe('rejected');
    }
  });

  test('a missing or an empty header is rejected', () => {
    expect([verify(undefined), verify('')]).toEqual(['rejected', 'rejected']);
  });

  test.each<[string, string]>([
    ['no padding', GOOD.slice(0, -1)],
    ['a trailing space', `${GOOD} `],
    ['a leading space', ` ${GOOD}`],
    ['a line end', `${GOOD}\n`],
    ['two header values', `${GOOD}, ${GOOD}`],
    ['two header values without a space', `${GOOD},${GOOD}`],
    ['a prefix', `sha256=${GOOD}`],
    ['double padding', `${GOOD}=`],
    ['hex', createHmac('sha256', SECRET).update(BODY).digest('hex')],
    ['half of it', btoa(atob(GOOD).slice(0, 16))],
    ['other characters', 'é'.repeat(43) + '='],
  ])('%s is rejected', (_, signature) => {
    expect(verify(signature)).toBe('rejected');
  });

  test('the URL-safe alphabet is rejected where it differs', () => {
    const bodies = Array.from({ length: 50 }, (_, at) => `{"Event":"a.b","n":${at}}`);
    const signed = bodies.map((body) => ({ body, signature: signatureOf(bytes(body), SECRET) }));
    const differing = signed.filter(({ signature }) => /[+/]/.test(signature));
    expect(differing.length).toBeGreaterThan(10);
    for (const { body, signature } of differing) {
      expect(verify(signature, [SECRET], body)).toBe('signature');
      expect(verify(signature.replaceAll('+', '-').replaceAll('/', '_'), [SECRET], body)).toBe('rejected');
    }
  });

  test('the secret of another hook is rejected', () => {
    expect(verify(signatureOf(bytes(BODY), 'another'))).toBe('rejected');
    expect(verify(GOOD, [`${SECRET} `])).toBe('rejected');
  });

  test('one more space, LF for CRLF, or escapes for letters are another body', () => {
    expect(verify(GOOD, [SECRET], BODY.replace(',', ', '))).toBe('rejected');
    expect(verify(GOOD, [SECRET], BODY.replace('\r\n', '\n'))).toBe('rejected');
    expect(verify(GOOD, [SECRET], BODY.replace('ø', String.raw`\u00f8`))).toBe('rejected');
    expect(verify(GOOD, [SECRET], '')).toBe('rejected');
  });

  test.each(['x', 'sëcret–🔑', 's'.repeat(400)])('its UTF-8 bytes are the key: %.20s', (secret) => {
    expect(verify(signatureOf(bytes(BODY), secret), [secret])).toBe('signature');
  });

  test('an empty body and one that is not UTF-8 can be signed', () => {
    for (const body of [new Uint8Array(), Uint8Array.of(0xff, 0x00)]) {
      expect(verify(signatureOf(body, SECRET), [SECRET], body)).toBe('signature');
    }
  });
});

test('of two secrets either verifies, in any place', () => {
  expect(verify(GOOD, ['new', SECRET])).toBe('signature');
  expect(verify(GOOD, [SECRET, 'old'])).toBe('signature');
  expect(verify(GOOD, ['new', 'old'])).toBe('rejected');
});

test('without a secret nothing is rejected and nothing verified', () => {
  expect([verify(undefined, []), verify(GOOD, []), verify('garbage', [])]).toEqual(Array(3).fill('none'));
  expect([verify(undefined, ['']), verify(GOOD, [''])]).toEqual(['none', 'none']);
  expect(verify(signatureOf(bytes(BODY), ''), [''])).toBe('none');
});

test('while an empty secret still counts beside a new one, what is unsigned passes', () => {
  expect([verify(GOOD, [SECRET, '']), verify(undefined, [SECRET, ''])]).toEqual(['signature', 'none']);
});

test('a new secret is text of 32 bytes that fits SuperOffice', () => {
  expect(superoffice.newSecret(new Uint8Array(32).fill(255))).toBe('_'.repeat(42) + '8');
});
