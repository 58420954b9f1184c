import { createPublicKey, verify } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { beforeEach, describe, expect, test } from 'vitest';
import { newSecretKey, publicJwkOf } from '../../../src/core/key-pair.ts';
import { bodyOf, Mailbox, type Letter } from '../../support/mailbox.ts';
import {
  clock,
  hookRegistration,
  HookUnderTest,
  LIVES,
  START_MS,
  storedEvent,
} from '../../support/objects.ts';

beforeEach(() => clock.start());

const SECRETS = ['a', 'b', 'c'].map((letter) => `whsec_${btoa(letter.repeat(32))}`);
const [NEW = '', OLD = '', OLDER = ''] = SECRETS;
const REF = { tenant: 'default', incarnation: 'test', jurisdiction: null };

const SECRET_KEYS = [1, 2, 3].map((byte) => newSecretKey(new Uint8Array(32).fill(byte)));
const [NEW_PAIR = '', OLD_PAIR = '', OLDER_PAIR = ''] = SECRET_KEYS;

/** Which of the key pairs signed, in the order of the `v1a` signatures; `other` for one of another kind. */
function pairs(letter: Letter): string[] {
  const {
    'webhook-id': id,
    'webhook-timestamp': seconds,
    'webhook-signature': signatures = '',
  } = letter.headers;
  const message = new TextEncoder().encode(`${id}.${seconds}.${bodyOf(letter)}`);
  return signatures.split(' ').map((signature) => {
    const [version, base64 = ''] = signature.split(',');
    if (version !== 'v1a') return 'other';
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    const verifies = (secretKey: string) =>
      verify(null, message, createPublicKey({ key: { ...publicJwkOf(secretKey) }, format: 'jwk' }), bytes);
    return SECRET_KEYS.find(verifies) ?? 'unknown';
  });
}

/** Which of the secrets signed, in the order of the signatures. */
function signers({ headers, ...letter }: Letter): string[] {
  const {
    'webhook-id': id = '',
    'webhook-timestamp': seconds = '',
    'webhook-signature': signatures = '',
  } = headers;
  const body = bodyOf({ headers, ...letter });
  const own = new Map(
    SECRETS.map((secret) => [new Webhook(secret).sign(id, new Date(Number(seconds) * 1000), body), secret]),
  );
  return signatures.split(' ').map((signature) => own.get(signature) ?? 'unknown');
}

describe.each(LIVES)('A4, $life', ({ halfway }) => {
  test('a retry queued before the rotation is signed with the set of its own moment, newest first', async () => {
    const box = new Mailbox();
    await box.answerStatuses(500, 500, 500);
    const retry = { scheduleSeconds: [10, 10, 10], jitter: 0 };
    const hook = new HookUnderTest({ ...hookRegistration(box.url, { retry }), secret: OLDER });
    await hook.stub.configure(REF, hook.registration);
    await hook.enqueue(storedEvent(1));
    await hook.runDue();
    await hook.stub.configure(REF, {
      ...hook.registration,
      version: 2,
      secret: NEW,
      formerSecrets: [
        { text: OLD, untilMs: START_MS + 20_000 },
        { text: OLDER, untilMs: START_MS + 10_001 },
      ],
    });
    await halfway(hook);
    await hook.runAll();
    const letters = await box.letters();
    expect(letters.map(({ headers }) => Number(headers['webhook-timestamp']) - START_MS / 1000)).toEqual([
      0, 10, 20, 30,
    ]);
    expect(letters.map(signers)).toEqual([[OLDER], [NEW, OLD, OLDER], [NEW], [NEW]]);
    expect(new Set(letters.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    expect(new Set(letters.map(bodyOf)).size).toBe(1);
  });

  test('A4: the same with key pairs; a change of signing counts for what is queued', async () => {
    const box = new Mailbox();
    await box.answerStatuses(500, 500, 500, 500);
    const retry = { scheduleSeconds: [10, 10, 10, 10], jitter: 0 };
    const first = hookRegistration(box.url, { retry, signing: 'ed25519' });
    const hook = new HookUnderTest({ ...first, secretKeys: [{ text: OLDER_PAIR, untilMs: null }] });
    await hook.stub.configure(REF, hook.registration);
    await hook.enqueue(storedEvent(1));
    await hook.runDue();
    const changed = {
      ...hook.registration,
      version: 2,
      secretKeys: [
        { text: NEW_PAIR, untilMs: null },
        { text: OLD_PAIR, untilMs: START_MS + 20_000 },
        { text: OLDER_PAIR, untilMs: START_MS + 10_001 },
      ],
    };
    await hook.stub.configure(REF, changed);
    await halfway(hook);
    for (const seconds of [10, 20, 30]) {
      clock.set(START_MS + seconds * 1000);
      await hook.runDue();
    }
    await hook.stub.configure(REF, {
      ...changed,
      version: 3,
      config: { ...changed.config, signing: 'both' },
    });
    await hook.runAll();
    expect((await box.letters()).map(pairs)).toEqual([
      [OLDER_PAIR],
      [NEW_PAIR, OLD_PAIR, OLDER_PAIR],
      [NEW_PAIR],
      [NEW_PAIR],
      ['other', NEW_PAIR],
    ]);
  });
});
