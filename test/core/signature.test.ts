import { webcrypto } from 'node:crypto';
import fc from 'fast-check';
import { Webhook as StandardWebhook } from 'standardwebhooks';
import { Webhook as SvixWebhook } from 'svix';
import { describe, expect, test } from 'vitest';
import { newSecretKey } from '../../src/core/key-pair.ts';
import { newSecret, parseSecret, sign, type Signers } from '../../src/core/signature.ts';
import { noSamples, sampleJson } from '../support/samples.ts';

interface Vector {
  readonly name: string;
  readonly secret: string;
  readonly id: string;
  readonly timestamp: number;
  readonly payload_b64: string;
  readonly signature: string;
}

const utf8 = new TextEncoder();

function key(text: string): Uint8Array {
  const reading = parseSecret(text);
  if (!reading.ok) throw new Error(`expected ${reading.expected}, got ${reading.got}`);
  return reading.key;
}

/** By these alone. */
function hmac(secrets: readonly Uint8Array[]): Signers {
  return { secrets, secretKeys: [] };
}

function base64(bytes: number): string {
  return btoa('\x07'.repeat(bytes));
}

test('the published Standard Webhooks vector gives the published signature', () => {
  const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
  const body = utf8.encode('{"test": 2432232314}');
  expect(sign(hmac([key(secret)]), 'msg_p5jXN8AQM9LWM0D4loKWxJek', 1614265330, body)).toBe(
    'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  );
});

test.skipIf(noSamples)('every v1 sample vector gives its signature', () => {
  const samples = sampleJson('signature-vectors.json') as { standardWebhooks: Vector[] };
  const vectors = samples.standardWebhooks.filter((vector) => vector.secret.startsWith('whsec_'));
  expect(vectors.length).toBeGreaterThanOrEqual(4);
  for (const vector of vectors) {
    const body = Uint8Array.from(atob(vector.payload_b64), (character) => character.charCodeAt(0));
    expect(sign(hmac([key(vector.secret)]), vector.id, vector.timestamp, body), vector.name).toBe(
      vector.signature,
    );
  }
});

const secrets = fc.uint8Array({ minLength: 24, maxLength: 64 });
const ids = fc.stringMatching(/^evt_[0-9A-Z]{26}$/);
const texts = fc.string({ unit: 'grapheme' });

function secretOf(bytes: Uint8Array): string {
  return `whsec_${btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))}`;
}

describe.each([
  ['standardwebhooks', StandardWebhook],
  ['svix', SvixWebhook],
])('the library %s', (_name, Webhook) => {
  test('makes the same signature', () => {
    fc.assert(
      fc.property(secrets, ids, fc.nat(2 ** 31), texts, (bytes, id, seconds, text) => {
        const secret = secretOf(bytes);
        const theirs = new Webhook(secret).sign(id, new Date(seconds * 1000), text);
        expect(sign(hmac([key(secret)]), id, seconds, utf8.encode(text))).toBe(theirs);
      }),
    );
  });

  test('verifies with either secret of an overlap, and with no other', () => {
    const [newest, oldest, other] = [
      secretOf(new Uint8Array(32).fill(1)),
      secretOf(new Uint8Array(32)),
      `whsec_${base64(32)}`,
    ];
    const seconds = Math.floor(Date.now() / 1000);
    const body = '{"é":"😀"}';
    const headers = {
      'webhook-id': 'evt_1',
      'webhook-timestamp': String(seconds),
      'webhook-signature': sign(hmac([key(newest), key(oldest)]), 'evt_1', seconds, utf8.encode(body)),
    };
    for (const secret of [newest, oldest]) {
      expect(() => new Webhook(secret).verify(body, headers)).not.toThrow();
      expect(() => new Webhook(secret).verify(`${body} `, headers)).toThrow();
    }
    expect(() => new Webhook(other).verify(body, headers)).toThrow();
  });
});

test('any bytes are signed as they are: an independent HMAC over the concatenation agrees', async () => {
  await fc.assert(
    fc.asyncProperty(secrets, ids, fc.uint8Array({ maxLength: 300 }), async (secret, id, body) => {
      const head = utf8.encode(`${id}.1700000000.`);
      const algorithm = { name: 'HMAC', hash: 'SHA-256' };
      const hmacKey = await webcrypto.subtle.importKey('raw', secret, algorithm, false, ['sign']);
      const digest = await webcrypto.subtle.sign('HMAC', hmacKey, new Uint8Array([...head, ...body]));
      const expected = secretOf(new Uint8Array(digest)).replace('whsec_', 'v1,');
      expect(sign(hmac([secret]), id, 1_700_000_000, body)).toBe(expected);
    }),
  );
});

test('one signature for each live key, newest first', () => {
  const [newest, oldest] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
  const body = utf8.encode('{}');
  expect(sign(hmac([newest, oldest]), 'evt_1', 1, body)).toBe(
    `${sign(hmac([newest]), 'evt_1', 1, body)} ${sign(hmac([oldest]), 'evt_1', 1, body)}`,
  );
});

test('by secret and key pair: first what every library reads, then the rest, newest first each', () => {
  const secrets = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
  const secretKeys = secrets.map(newSecretKey);
  const body = utf8.encode('{}');
  const alone = [
    ...secrets.map((secret) => sign(hmac([secret]), 'evt_1', 1, body)),
    ...secretKeys.map((secretKey) => sign({ secrets: [], secretKeys: [secretKey] }, 'evt_1', 1, body)),
  ];
  expect(sign({ secrets, secretKeys }, 'evt_1', 1, body)).toBe(alone.join(' '));
  expect(alone.map((signature) => signature.split(',')[0])).toEqual(['v1', 'v1', 'v1a', 'v1a']);
});

test('nothing is signed without a key or with a fraction of a second', () => {
  expect(() => sign(hmac([]), 'evt_1', 1, new Uint8Array())).toThrow(RangeError);
  expect(() => sign(hmac([new Uint8Array(32)]), 'evt_1', 1.5, new Uint8Array())).toThrow(RangeError);
});

describe('own secrets', () => {
  test.each([24, 32, 63, 64])(
    '%d bytes are accepted with and without prefix, and stored with it',
    (bytes) => {
      const secret = `whsec_${base64(bytes)}`;
      for (const text of [secret, base64(bytes)]) {
        expect(parseSecret(text)).toMatchObject({ ok: true, secret });
      }
      expect(key(secret)).toEqual(new Uint8Array(bytes).fill(7));
    },
  );

  test.each([0, 1, 23, 65, 100_000])('%d bytes are refused, saying how many came', (bytes) => {
    for (const text of [`whsec_${base64(bytes)}`, base64(bytes)]) {
      expect(parseSecret(text)).toMatchObject({ ok: false, reason: 'length', got: `${bytes} bytes` });
    }
  });

  test.each([
    ['not base64 at all', 'whsec_Something Super Secret!'],
    ['url-safe alphabet', `whsec_${'-_'.repeat(16)}`],
    ['missing padding', `whsec_${base64(32).slice(0, -1)}`],
    ['one character too many', `whsec_${base64(24)}A`],
    ['too much padding', `whsec_${base64(24)}====`],
    ['padding inside', `whsec_${base64(25)}${base64(24)}`],
    ['stray bits', `whsec_${'A'.repeat(42)}B=`],
    ['a trailing space', `whsec_${base64(32)} `],
    ['a line break', `whsec_${base64(32)}\n`],
    ['the prefix twice', `whsec_whsec_${base64(32)}`],
    ['the prefix in upper case', `WHSEC_${base64(32)}`],
    ['full-width digits', `whsec_${'１'.repeat(32)}`],
  ])('%s is refused as not base64', (_name, text) => {
    expect(parseSecret(text)).toMatchObject({ ok: false, reason: 'not-base64' });
  });

  test('a refusal never shows the value', () => {
    for (const text of ['whsec_hunter2hunter2', 'hunter2!', `whsec_${btoa('hunter2')}`]) {
      expect(JSON.stringify(parseSecret(text))).not.toContain(text.replace('whsec_', ''));
    }
  });

  test('reading a secret back changes nothing', () => {
    fc.assert(
      fc.property(secrets, (bytes) => {
        const secret = secretOf(bytes);
        expect(parseSecret(secret)).toEqual({ ok: true, secret, key: bytes });
      }),
    );
  });
});

test('a new secret is whsec_ and the base64 of its 32 random bytes', () => {
  const random = new Uint8Array(32).fill(7);
  expect(newSecret(random)).toBe(`whsec_${base64(32)}`);
  expect(key(newSecret(random))).toEqual(random);
  expect(() => newSecret(new Uint8Array(31))).toThrow(RangeError);
});
