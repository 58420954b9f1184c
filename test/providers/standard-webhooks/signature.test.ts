/** Standard Webhooks signatures as senders make them: by the libraries, and by an independent Ed25519. */
import { generateKeyPairSync, sign as signBytes, type KeyObject } from 'node:crypto';
import { Webhook as StandardWebhook } from 'standardwebhooks';
import { Webhook as SvixWebhook } from 'svix';
import { describe, expect, test } from 'vitest';
import { base64Of } from '../../../src/core/base64.ts';
import { standardWebhooks } from '../../../src/providers/standard-webhooks/inbound.ts';
import { arrived } from '../arrived.ts';

const NOW_SECONDS = 1_800_000_000;
const BODY = '{"type":"contact.created","data":{"name":"Bjørn 顧客 ✅"}}';
const SECRET = `whsec_${base64Of(new Uint8Array(32).fill(1))}`;
const OTHER = `whsec_${base64Of(new Uint8Array(32).fill(2))}`;

function hmac(secret = SECRET, id = 'msg_1', seconds = NOW_SECONDS, body = BODY): string {
  return new StandardWebhook(secret).sign(id, new Date(seconds * 1000), body);
}

function headersOf(signature: string, seconds: number | string = NOW_SECONDS, id = 'msg_1') {
  return { 'webhook-id': id, 'webhook-timestamp': String(seconds), 'webhook-signature': signature };
}

function verdict(
  headers: Readonly<Record<string, string>>,
  secrets: readonly string[] = [SECRET],
  body: string | Uint8Array = BODY,
) {
  return standardWebhooks.verify(arrived(body, headers), secrets, NOW_SECONDS * 1000);
}

function pair(): { readonly publicKey: string; readonly sign: (message?: string) => string } {
  const keys = generateKeyPairSync('ed25519');
  const { x = '' } = keys.publicKey.export({ format: 'jwk' });
  const key: KeyObject = keys.privateKey;
  return {
    publicKey: `whpk_${x.replaceAll('-', '+').replaceAll('_', '/')}=`,
    sign: (message = `msg_1.${NOW_SECONDS}.${BODY}`) =>
      `v1a,${base64Of(signBytes(null, new TextEncoder().encode(message), key))}`,
  };
}

describe('v1', () => {
  test.each([
    ['standardwebhooks', StandardWebhook],
    ['svix', SvixWebhook],
  ])('what the library %s signs verifies, and under no other secret, id, time or body', (_name, Webhook) => {
    const signature = new Webhook(SECRET).sign('msg_1', new Date(NOW_SECONDS * 1000), BODY);
    expect(verdict(headersOf(signature))).toBe('signature');
    expect(verdict(headersOf(signature), [OTHER])).toBe('rejected');
    expect(verdict(headersOf(signature, NOW_SECONDS, 'msg_2'))).toBe('rejected');
    expect(verdict(headersOf(signature, NOW_SECONDS + 1))).toBe('rejected');
    expect(verdict(headersOf(signature), [SECRET], `${BODY} `)).toBe('rejected');
  });

  test('Svix’s own names of the headers are read as well', () => {
    const signature = new SvixWebhook(SECRET).sign('msg_1', new Date(NOW_SECONDS * 1000), BODY);
    const headers = {
      'svix-id': 'msg_1',
      'svix-timestamp': String(NOW_SECONDS),
      'svix-signature': signature,
    };
    expect(verdict(headers)).toBe('signature');
  });

  test('one of several is enough, in any place; of more than 20 the rest are not looked at', () => {
    const good = hmac();
    const bad = hmac(OTHER);
    expect(verdict(headersOf(`${bad} v2,what v1,x  ${good}`))).toBe('signature');
    expect(verdict(headersOf([...Array<string>(19).fill(bad), good].join(' ')))).toBe('signature');
    expect(verdict(headersOf([...Array<string>(20).fill(bad), good].join(' ')))).toBe('rejected');
  });

  test('each secret in force verifies', () => {
    for (const secret of [SECRET, OTHER]) {
      expect(verdict(headersOf(hmac(secret)), [OTHER, SECRET])).toBe('signature');
    }
    expect(verdict(headersOf(hmac()), [])).toBe('rejected');
  });

  test.each([
    ['a flipped character', (text: string) => (text[3] === 'A' ? 'v1,B' : 'v1,A') + text.slice(4)],
    ['no padding', (text: string) => text.slice(0, -1)],
    ['no version', (text: string) => text.slice(3)],
    ['another version', (text: string) => `v1a${text.slice(2)}`],
    ['the url-safe alphabet', (text: string) => `${text.slice(0, -3)}-_=`],
    ['nothing', () => ''],
    ['text that is not ASCII', (text: string) => `${text.slice(0, -2)}é=`],
  ])('%s is rejected', (_what, change) => {
    expect(verdict(headersOf(change(hmac())))).toBe('rejected');
  });

  test('bytes that are not UTF-8 are signed as they are', () => {
    const body = new Uint8Array([0xff, 0x00, 0xfe]);
    expect(verdict(headersOf(hmac()), [SECRET], body)).toBe('rejected');
  });
});

describe('v1a', () => {
  test('what the key pair signs verifies by its public key, and under no other key, id, time or body', () => {
    const [mine, other] = [pair(), pair()];
    expect(verdict(headersOf(mine.sign()), [mine.publicKey])).toBe('signature');
    expect(verdict(headersOf(mine.sign()), [other.publicKey])).toBe('rejected');
    expect(verdict(headersOf(mine.sign(), NOW_SECONDS, 'msg_2'), [mine.publicKey])).toBe('rejected');
    expect(verdict(headersOf(mine.sign(), NOW_SECONDS + 1), [mine.publicKey])).toBe('rejected');
    expect(verdict(headersOf(mine.sign()), [mine.publicKey], `${BODY} `)).toBe('rejected');
  });

  test('the specification’s vector verifies', () => {
    const signature =
      'v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg==';
    const headers = headersOf(signature, 1614265330, 'msg_p5jXN8AQM9LWM0D4loKWxJek');
    const request = arrived('{"test": 2432232314}', headers);
    const key = 'whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=';
    expect(standardWebhooks.verify(request, [key], 1614265330_000)).toBe('signature');
  });

  test('beside a v1, whichever the source knows; while it changes from one to the other, both', () => {
    const mine = pair();
    const both = headersOf(`${hmac()} ${mine.sign()}`);
    for (const secrets of [[SECRET], [mine.publicKey], [mine.publicKey, SECRET]]) {
      expect(verdict(both, secrets)).toBe('signature');
      if (secrets.length === 2) expect(verdict(headersOf(hmac()), secrets)).toBe('signature');
    }
    expect(verdict(headersOf(hmac()), [mine.publicKey])).toBe('rejected');
    expect(verdict(headersOf(mine.sign()), [SECRET])).toBe('rejected');
  });

  test('a signature of another length, and a key that is no point of the curve, are rejected', () => {
    const mine = pair();
    for (const claim of ['v1a,', 'v1a,AAAA', mine.sign().replace('v1a', 'v1')]) {
      expect(verdict(headersOf(claim), [mine.publicKey])).toBe('rejected');
    }
    const noPoint = `whpk_${base64Of(new Uint8Array(32).fill(0xff))}`;
    expect(verdict(headersOf(mine.sign()), [noPoint])).toBe('rejected');
  });
});

describe('the time of the signature', () => {
  test.each([-300, -1, 0, 1, 300])('%d s from now is taken', (offset) => {
    const seconds = NOW_SECONDS + offset;
    expect(verdict(headersOf(hmac(SECRET, 'msg_1', seconds), seconds))).toBe('signature');
  });

  test.each([-301, 301, -86_400, 86_400])('%d s from now is rejected', (offset) => {
    const seconds = NOW_SECONDS + offset;
    expect(verdict(headersOf(hmac(SECRET, 'msg_1', seconds), seconds))).toBe('rejected');
  });

  test.each(['', ' ', '0', '-1', `0${NOW_SECONDS}`, `${NOW_SECONDS}.0`, '1e9', 'NaN', `+${NOW_SECONDS}`])(
    'written as "%s" is rejected',
    (timestamp) => {
      expect(verdict(headersOf(hmac(), timestamp))).toBe('rejected');
    },
  );
});

test.each(['webhook-id', 'webhook-timestamp', 'webhook-signature'])('without %s it is rejected', (name) => {
  expect(verdict(headersOf(hmac()))).toBe('signature');
  expect(verdict({ ...headersOf(hmac()), [name]: '' })).toBe('rejected');
  const { [name as 'webhook-id']: _left, ...others } = headersOf(hmac());
  expect(verdict(others)).toBe('rejected');
});

describe('a source’s secret', () => {
  test('is generated as whsec_ of 32 bytes', () => {
    expect(standardWebhooks.newSecret(new Uint8Array(32).fill(1))).toBe(
      `whsec_${base64Of(new Uint8Array(32).fill(1))}`,
    );
  });

  test('is a whsec_ with or without prefix, or a public key', () => {
    const { publicKey } = pair();
    expect(standardWebhooks.readSecret(SECRET)).toMatchObject({ ok: true, secret: SECRET });
    expect(standardWebhooks.readSecret(SECRET.slice(6))).toMatchObject({ ok: true, secret: SECRET });
    expect(standardWebhooks.readSecret(publicKey)).toEqual({ ok: true, secret: publicKey });
  });

  /** Its base64 has both characters in which the alphabets differ, and padding. */
  const odd = base64Of(new Uint8Array(32).fill(0xfb).fill(0xff, 8, 16));
  const urlSafe = odd.replaceAll('+', '-').replaceAll('/', '_');

  test.each([
    ['with the version in front', `v1,whsec_${odd}`],
    ['without padding', `whsec_${odd.replace(/=+$/, '')}`],
    ['in the URL-safe alphabet', `whsec_${urlSafe}`],
    ['with white space around it', ` \t whsec_${odd}\r\n`],
    ['with all of that', `\n v1,whsec_${urlSafe.replace(/=+$/, '')} `],
    ['with all of that and no prefix', ` v1,${urlSafe.replace(/=+$/, '')}\n`],
  ])('as senders print it, %s, is kept in one spelling', (_what, text) => {
    expect(odd).toMatch(/\+.*\/.*=$/);
    expect(standardWebhooks.readSecret(text)).toMatchObject({ ok: true, secret: `whsec_${odd}` });
  });

  test('a public key as senders print it is kept in one spelling as well', () => {
    const { publicKey } = pair();
    const printed = ` v1a,${publicKey.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')}\n`;
    expect(standardWebhooks.readSecret(printed)).toEqual({ ok: true, secret: publicKey });
  });

  test.each([
    '',
    'secret',
    'whsec_',
    'whsec_a b',
    `whsec_${odd.slice(0, -3)}`,
    `whsec_${base64Of(new Uint8Array(23))}`,
    'whpk_AAAA',
    'whsk_AAAA',
  ])('A6: "%s" is none, and is not repeated', (text) => {
    const reading = standardWebhooks.readSecret(text);
    expect(reading.ok).toBe(false);
    if (text.length > 'whsec_'.length)
      expect(reading).not.toMatchObject({ got: expect.stringContaining(text) as string });
  });
});
