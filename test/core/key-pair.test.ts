import { createPublicKey, verify, webcrypto } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bytesOfBase64 } from '../../src/core/base64.ts';
import { newSecretKey, publicJwkOf, publicKeyOf, signWith } from '../../src/core/key-pair.ts';
import { sign } from '../../src/core/signature.ts';

const utf8 = new TextEncoder();
const seeds = fc.uint8Array({ minLength: 32, maxLength: 32 });

/** The same id, time and body in both; the first signature is the one that the specification shows. */
const PUBLISHED = [
  {
    by: 'Svix, the specification',
    secretKey: 'whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbc=',
    publicKey: 'whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=',
    signature: 'v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg==',
  },
  {
    by: 'Standard Webhooks’ library for Go',
    secretKey: 'whsk_VEVTVFNJR05JTkdLRVlET05PVFVTRVRISVNGT1JBTlk=',
    publicKey: 'whpk_ZlN4eg7dSSqi0moX9hQUk3orrOouK3QVQSlJa248c/g=',
    signature: 'v1a,tQ9V2XOqn7jL/DQenEFpqIugdBVtiMmER5mhSkXBNwM0mkATuDe6KYYUuxqtaiHeYGb7KaaBRdM5WqyeFiL8Ag==',
  },
];

test.each(PUBLISHED)('A1: the published v1a vector of $by gives the published signature', (vector) => {
  const body = utf8.encode('{"test": 2432232314}');
  const signers = { secrets: [], secretKeys: [vector.secretKey] };
  expect(sign(signers, 'msg_p5jXN8AQM9LWM0D4loKWxJek', 1614265330, body)).toBe(vector.signature);
  expect(publicKeyOf(vector.secretKey)).toBe(vector.publicKey);
});

test('what is signed verifies by the public key in either of its spellings, and by no other', async () => {
  await fc.assert(
    fc.asyncProperty(seeds, seeds, fc.uint8Array({ maxLength: 300 }), async (seed, otherSeed, message) => {
      const [mine, other] = [newSecretKey(seed), newSecretKey(otherSeed)];
      const signature = signWith(mine, message);
      const raw = bytesOfBase64(publicKeyOf(mine).slice('whpk_'.length));
      const key = await webcrypto.subtle.importKey('raw', raw, 'Ed25519', false, ['verify']);
      expect(await webcrypto.subtle.verify('Ed25519', key, signature, message)).toBe(true);
      const verifiesBy = (secretKey: string) =>
        verify(
          null,
          message,
          createPublicKey({ key: { ...publicJwkOf(secretKey) }, format: 'jwk' }),
          signature,
        );
      expect(verifiesBy(mine)).toBe(true);
      expect(verifiesBy(other)).toBe(mine === other);
    }),
  );
});

describe('a secret key', () => {
  test('is made of exactly 32 bytes', () => {
    expect(() => newSecretKey(new Uint8Array(31))).toThrow(RangeError);
    expect(() => newSecretKey(new Uint8Array(64))).toThrow(RangeError);
  });

  test.each(['whsec_AAAA', 'whsk_****', `whsk_${btoa('x'.repeat(33))}`])(
    'A6: of another form is refused unseen: %s',
    (text) => {
      expect(() => publicKeyOf(text)).toThrow(
        /^stored secret key: expected whsk_ and the base64 of 32 bytes$/,
      );
    },
  );
});
