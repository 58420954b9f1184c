import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { base64Of } from '../../src/core/base64.ts';
import {
  extraSignatures,
  signatureProblems,
  type ExtraSignature,
  type SignedAttempt,
} from '../../src/core/extra-signature.ts';

const GITHUB: ExtraSignature = {
  header: 'x-hub-signature-256',
  secret: "It's a Secret to Everybody",
  scheme: 'hmac',
  digest: 'sha256',
  key: 'text',
  encoding: 'hex',
  prefix: 'sha256=',
  message: ['{body}'],
};

const utf8 = (text: string) => new TextEncoder().encode(text);
const ATTEMPT: SignedAttempt = {
  body: utf8('Hello, World!'),
  timestampSeconds: 1_780_000_000,
  method: 'POST',
  url: 'https://receiver.example.com/in?a=1',
  headers: { 'webhook-id': 'evt_1' },
};

const sign = (changes: Partial<ExtraSignature>, attempt = ATTEMPT) =>
  Object.values(extraSignatures([{ ...GITHUB, ...changes }], attempt))[0];
const hmac = (digest: string, key: string | Uint8Array, text: string) => createHmac(digest, key).update(text);

test('GitHub’s published example gives GitHub’s published signature', () => {
  // https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
  expect(extraSignatures([GITHUB], ATTEMPT)).toEqual({
    'x-hub-signature-256': 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17',
  });
});

test('as Shopify signs: base64, no prefix', () => {
  expect(sign({ header: 'x-shopify-hmac-sha256', encoding: 'base64', prefix: undefined })).toBe(
    hmac('sha256', GITHUB.secret, 'Hello, World!').digest('base64'),
  );
});

test('as Stripe signs: the time in the message and in the prefix', () => {
  expect(sign({ prefix: 't={timestamp},v1=', message: ['{timestamp}', '.', '{body}'] })).toBe(
    `t=1780000000,v1=${hmac('sha256', GITHUB.secret, '1780000000.Hello, World!').digest('hex')}`,
  );
});

describe('all words of a recipe', () => {
  test.each(['sha256', 'sha1', 'sha512'] as const)('digest %s', (digest) => {
    expect(sign({ digest })).toBe(`sha256=${hmac(digest, GITHUB.secret, 'Hello, World!').digest('hex')}`);
  });

  test.each(['hex', 'base64', 'base64url'] as const)('encoding %s', (encoding) => {
    expect(sign({ encoding, prefix: '' })).toBe(
      hmac('sha256', GITHUB.secret, 'Hello, World!').digest(encoding),
    );
  });

  const bytes = Uint8Array.from({ length: 33 }, (_, at) => 255 - at);
  test.each([
    ['text', 'schlüssel', utf8('schlüssel')],
    ['hex', Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(''), bytes],
    ['base64', base64Of(bytes), bytes],
    ['base64', base64Of(bytes.subarray(1)).replace(/=+$/, ''), bytes.subarray(1)],
    ['whsec', `whsec_${base64Of(bytes)}`, bytes],
  ] as const)('key %s', (key, secret, expected) => {
    expect(sign({ key, secret, prefix: '' })).toBe(hmac('sha256', expected, 'Hello, World!').digest('hex'));
  });

  test('every part of a message, joined', () => {
    const message = ['{method}\n{url}\n', '{header:Webhook-Id}', '|{header:x-none}|', '{timestamp}{body}'];
    const text = 'POST\nhttps://receiver.example.com/in?a=1\nevt_1||1780000000Hello, World!';
    expect(sign({ message, prefix: '' })).toBe(hmac('sha256', GITHUB.secret, text).digest('hex'));
  });

  test('a body of any bytes, byte for byte', () => {
    const body = Uint8Array.from([0, 255, 254, 0x7b, 10]);
    expect(sign({ prefix: '' }, { ...ATTEMPT, body })).toBe(
      createHmac('sha256', GITHUB.secret).update(body).digest('hex'),
    );
  });
});

describe('what is refused, without a secret in it', () => {
  test.each<[Partial<ExtraSignature>, string, string]>([
    [{ message: [] }, '/message', '1 to 20 parts'],
    [{ message: Array<string>(21).fill('{body}') }, '/message', '1 to 20 parts'],
    [{ message: ['{timestamp}'] }, '/message', 'a part with {body}'],
    [{ message: ['{body}', '{secret}'] }, '/message/1', '{header:name}'],
    [{ message: ['{body}', '{/data/id}'] }, '/message/1', '{header:name}'],
    [{ message: ['{body}', '{header:a b}'] }, '/message/1', '{header:name}'],
    [{ message: ['{body}{'] }, '/message/0', '{header:name}'],
    [{ message: ['{body}', 'x'.repeat(401)] }, '/message/1', 'at most 400 characters'],
    [{ prefix: 'a\r\nb' }, '/prefix', 'printable'],
    [{ prefix: 'x'.repeat(101) }, '/prefix', 'printable'],
    [{ prefix: '{body}' }, '/prefix', 'text or {timestamp}'],
    [{ secret: '' }, '/secret', 'at least one character'],
    [{ secret: 'abc', key: 'hex' }, '/secret', 'hexadecimal'],
    [{ secret: '', key: 'hex' }, '/secret', 'hexadecimal'],
    [{ secret: 'a*b=', key: 'base64' }, '/secret', 'base64'],
    [{ secret: 'AAAAA', key: 'base64' }, '/secret', 'base64'],
    [{ secret: 'AAAA', key: 'whsec' }, '/secret', 'whsec_'],
    [{ secret: 'whsec_', key: 'whsec' }, '/secret', 'whsec_'],
  ])('%j', (changes, path, expected) => {
    const problems = signatureProblems({ ...GITHUB, ...changes });
    expect(problems).toHaveLength(1);
    expect(problems[0]?.path).toBe(path);
    expect(problems[0]?.expected).toContain(expected);
    if (changes.secret !== undefined && changes.secret !== '')
      expect(JSON.stringify(problems)).not.toContain(`"${changes.secret}"`);
  });

  test('a good one has no problems', () => {
    expect(signatureProblems(GITHUB)).toEqual([]);
    expect(signatureProblems({ ...GITHUB, prefix: undefined })).toEqual([]);
  });
});
