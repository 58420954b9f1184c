/** J6: a hook that runs a script asks at each attempt which SuperOffice runs it: what was changed meanwhile counts. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Env } from '../../../src/env.ts';
import type { HookRegistration } from '../../../src/core/hook-registration.ts';
import type { SitePatch } from '../../../src/providers/superoffice/site.ts';
import { openedLog, relay, type Bindings, type Log } from '../event-log/log.ts';
import { bodyOf, Mailbox } from '../../support/mailbox.ts';
import { clock, hookRegistration, HookUnderTest, LIVES, storedEvent } from '../../support/objects.ts';

beforeEach(() => clock.start());
afterEach(() => vi.restoreAllMocks());

const RETRY = { scheduleSeconds: [10, 10, 10], jitter: 0 };

interface Setting {
  readonly box: Mailbox;
  readonly log: Log;
  readonly hook: HookUnderTest;
  readonly patch: (site: SitePatch | null) => Promise<void>;
}

/** A tenant with one source, whose site is the mailbox, and a hook that runs ScriptHook1 there. */
async function setting(): Promise<Setting> {
  const [box, log] = [new Mailbox(), await openedLog()];
  const { id } = await log.source();
  const patch = async (site: SitePatch | null) => {
    await log.inside((instance) => instance.patchSource(id, { site }, 'relay.test'));
  };
  await patch({ url: box.url, authorization: 'Bearer first' });
  const registration = hookRegistration('ScriptHook1', { format: 'superoffice', retry: RETRY });
  const members = { events: ['contact.changed'], properties: null, secret: null, errorsEmail: null };
  const dialect = { kind: 'superoffice', type: 'crmscript', headerNames: null, ...members } as const;
  const config = { ...registration.config, dialect };
  const hook = new HookUnderTest({ ...registration, config });
  const { tenant, incarnation, jurisdiction } = log.tenant;
  await hook.stub.configure({ tenant, incarnation, jurisdiction }, hook.registration);
  return { box, log, hook, patch };
}

/** Event logs that give that answer to whatever they are asked. */
function logsThat(answer: () => Promise<unknown>): Env['EVENT_LOG'] {
  const stub = new Proxy({}, { get: (_target, name) => (name === 'then' ? undefined : answer) });
  return { getByName: () => stub } as unknown as Env['EVENT_LOG'];
}

async function bind(hook: HookUnderTest, bindings: Partial<Env>): Promise<void> {
  await hook.inside((instance) => {
    (instance as unknown as Bindings).env = { ...relay, ...bindings };
  });
}

describe.each(LIVES)('$life', ({ halfway }) => {
  test('J6: a changed credential counts for the next attempt, and is nowhere in the hook’s own storage', async () => {
    const { box, hook, log, patch } = await setting();
    await box.answerStatuses(401);
    await hook.enqueue(storedEvent(1));
    await hook.runDue();
    await halfway(hook);
    await patch({ authorization: 'Bearer second', appToken: 'app' });
    await log.crash();
    await hook.runAll();
    const letters = await box.letters();
    expect(letters.map(({ headers }) => [headers['authorization'], headers['so-apptoken']])).toEqual([
      ['Bearer first', undefined],
      ['Bearer second', 'app'],
    ]);
    expect(letters.map(bodyOf)).toEqual([expect.stringContaining('"ScriptHook1"'), letters.map(bodyOf)[0]]);
    const stored = await hook.inside((_hook, { storage }) =>
      ['assignment', 'deliveries', 'health', 'notices']
        .flatMap((table) => storage.sql.exec(`SELECT * FROM ${table}`).toArray())
        .map((row) => JSON.stringify(row))
        .join('\n'),
    );
    expect(stored).toContain('ScriptHook1');
    expect(stored).not.toMatch(/Bearer|so-apptoken/i);
  });

  test('J6: without a site an attempt is refused and tried again; with one again the script runs', async () => {
    const { box, hook, patch } = await setting();
    await patch(null);
    await hook.enqueue(storedEvent(1));
    await hook.runDue();
    await halfway(hook);
    expect((await hook.delivery(1)).attemptLog).toMatchObject([
      { outcome: 'failed', error: 'target-refused', statusCode: null },
    ]);
    expect(await box.letters()).toEqual([]);
    await patch({ url: box.url, authorization: 'Bearer again' });
    await hook.runAll();
    expect(await hook.delivery(1)).toMatchObject({ status: 'delivered', attempts: 2 });
    expect(await box.letters()).toHaveLength(1);
  });

  test('J6: an event log that cannot be asked is no attempt; the delivery goes out when it can', async () => {
    vi.spyOn(console, 'error').mockReturnValue();
    const { box, hook } = await setting();
    await bind(hook, { EVENT_LOG: logsThat(() => Promise.reject(new Error('down'))) });
    await hook.enqueue(storedEvent(1));
    await hook.wake();
    expect(await hook.delivery(1)).toMatchObject({ status: 'pending', attempts: 0, attemptLog: [] });
    expect(await hook.alarmAt()).toBeGreaterThan(clock.nowMs());
    await halfway(hook);
    await bind(hook, {});
    await hook.runAll();
    expect(await hook.delivery(1)).toMatchObject({ status: 'delivered', attempts: 1 });
    expect(await box.letters()).toHaveLength(1);
  });

  test.each([
    ['paused', ({ config }: HookRegistration) => ({ config: { ...config, paused: true } }), 'held'],
    ['deleted', () => ({ deletedAtMs: clock.nowMs() }), 'cancelled'],
  ])('J6: %s while its site is being asked: nothing starts', async (_name, change, status) => {
    const { box, hook, log } = await setting();
    const { registration } = hook;
    const site = { url: box.url, authorization: 'Bearer first', appToken: null, relayHost: 'relay.test' };
    await hook.inside((instance) => {
      const answer = () => {
        instance.configure(log.tenant, { ...registration, ...change(registration), version: 2 });
        return Promise.resolve(site);
      };
      (instance as unknown as Bindings).env = { ...relay, EVENT_LOG: logsThat(answer) };
    });
    await hook.enqueue(storedEvent(1));
    await hook.wake();
    await halfway(hook);
    expect(await hook.delivery(1)).toMatchObject({ status, attempts: 0 });
    expect(await box.letters()).toEqual([]);
  });

  test('J6: expunged while its site is being asked: nothing starts', async () => {
    const { box, hook } = await setting();
    const site = { url: box.url, authorization: 'Bearer first', appToken: null, relayHost: 'relay.test' };
    await hook.inside((instance) => {
      const answer = () => {
        instance.expunge(1);
        return Promise.resolve(site);
      };
      (instance as unknown as Bindings).env = { ...relay, EVENT_LOG: logsThat(answer) };
    });
    await hook.enqueue(storedEvent(1));
    await hook.wake();
    await halfway(hook);
    expect(await hook.delivery(1)).toMatchObject({ status: 'cancelled', reason: 'deleted', attempts: 0 });
    expect(await box.letters()).toEqual([]);
  });

  test('J6: another script by the answer runs in place of the one before it', async () => {
    const { box, hook } = await setting();
    await hook.enqueue(storedEvent(1));
    await hook.patch({ url: 'ScriptHook2' });
    await halfway(hook);
    await hook.runDue();
    const [letter, ...others] = await box.letters();
    expect(others).toEqual([]);
    expect(letter && bodyOf(letter)).toContain('"crmScriptIncludeId":"ScriptHook2"');
  });
});
