import { Webhook } from 'standardwebhooks';
import { beforeEach, describe, expect, test } from 'vitest';
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
});
