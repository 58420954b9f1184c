/** How hooks stand as the log knows it without asking: what they tell, and what heals what was lost. */
import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { afterEach, expect, test, vi } from 'vitest';
import { Mailbox } from '../../support/mailbox.ts';
import { until } from '../../support/until.ts';
import { ANY_HOOK } from '../../../src/event-log/hook-views.ts';
import { EVERY_HOOK } from '../../../src/event-log/hook-scope.ts';
import type { Summary } from '../../../src/event-log/summaries.ts';
import { HOOK_DEFAULTS, patchHook, type HookPatch } from '../../../src/core/hook-config.ts';
import type { Env } from '../../../src/env.ts';
import type { Hook } from '../../../src/hook/hook.ts';
import { type Bindings, createdIn, openedLog, publishTo, relay, type Log } from './log.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

async function hookTo(log: Log, box: Mailbox, patch: HookPatch = {}): Promise<number> {
  const config = patchHook({ ...HOOK_DEFAULTS, url: box.url }, { retry: { jitter: 0 }, ...patch });
  const hook = { config, secret: null, relayHost: 'relay.example.com', keyId: null };
  return log.inside(async (object) => createdIn(await object.createHook(hook, null)).registration.id);
}

/** The row of the table: what was told, not what is foreseen. */
async function told(log: Log, id: number): Promise<Summary | null> {
  const [row] = await log.rows<{ summary: string }>('SELECT summary FROM summaries WHERE hook_id = ?', id);
  return row === undefined ? null : (JSON.parse(row.summary) as Summary);
}

async function listed(log: Log) {
  const query = { order: 'asc', after: null, limit: 10 } as const;
  const { views } = await log.inside((object) => object.hookPage(EVERY_HOOK, query, ANY_HOOK));
  return views.map(({ runtime }) => runtime);
}

async function delivered(log: Log, id: number, count: number): Promise<void> {
  await until(
    () => log.hook(id).runtime(),
    (runtime) => runtime.delivered === count,
  );
}

/** Nothing that this hook says reaches its log. */
async function mute(log: Log, id: number): Promise<void> {
  const fail = () => Promise.reject(new Error('the log is down'));
  const stub = { report: fail, announce: fail };
  await runInDurableObject(log.hook(id), (hook: Hook) => {
    const EVENT_LOG = { getByName: () => stub } as unknown as Env['EVENT_LOG'];
    (hook as unknown as Bindings).env = { ...relay, EVENT_LOG };
  });
}

async function unmute(log: Log, id: number): Promise<void> {
  await runInDurableObject(log.hook(id), (hook: Hook) => {
    (hook as unknown as Bindings).env = relay;
  });
}

test('a delivery that arrives is foreseen and costs no report; its list is exact, also after a crash', async () => {
  const log = await openedLog();
  const box = new Mailbox();
  const id = await hookTo(log, box);
  await log.inside((object) => publishTo(object));
  await log.settled();
  await delivered(log, id, 1);
  await runDurableObjectAlarm(log.hook(id));
  expect(await told(log, id)).toMatchObject({ delivered: 0 });
  expect(await log.rows('SELECT unsaved FROM progress')).toEqual([{ unsaved: `[${id}]` }]);
  await log.crash();
  expect(await listed(log)).toMatchObject([{ delivered: 1, pending: 0 }]);
  // Who was asked has told.
  expect(await told(log, id)).toMatchObject({ delivered: 1 });
});

test('a hook whose delivery fails says so by itself', async () => {
  const log = await openedLog();
  const box = new Mailbox();
  await box.answerWith({ status: 500 });
  const id = await hookTo(log, box);
  await log.inside((object) => publishTo(object));
  await log.settled();
  const summary = await until(
    () => told(log, id),
    (row) => row?.errors === 1,
  );
  expect(summary).toMatchObject({ pending: 1, retrying: 1, consecutiveFailures: 1, lastError: 'status' });
  expect(summary).not.toHaveProperty('lastAnswer');
});

test.each(['that lives on', 'that died meanwhile'])(
  'a report that the log did not take is made again by a hook %s',
  async (life) => {
    vi.spyOn(console, 'warn').mockReturnValue();
    const log = await openedLog();
    const box = new Mailbox();
    await box.answerWith({ status: 410 });
    const id = await hookTo(log, box);
    await mute(log, id);
    await log.inside((object) => publishTo(object));
    await log.settled();
    await until(
      () => log.hook(id).runtime(),
      ({ state }) => state === 'disabled',
    );
    expect(await told(log, id)).toMatchObject({ state: 'active' });
    const alarmAt = () => runInDurableObject(log.hook(id), (_hook: Hook, { storage }) => storage.getAlarm());
    await until(alarmAt, (at) => at !== null);
    if (life === 'that lives on') await unmute(log, id);
    else {
      await runInDurableObject(log.hook(id), (_hook: Hook, state) => {
        state.abort('ended by a test');
      }).catch(() => undefined);
    }
    await until(
      async () => {
        await runDurableObjectAlarm(log.hook(id));
        return told(log, id);
      },
      (row) => row?.state === 'disabled',
    );
  },
);

test('when summaries are lost every hook that may hold something is asked again', async () => {
  const log = await openedLog();
  const box = new Mailbox();
  const ids = [await hookTo(log, box), await hookTo(log, box)];
  await log.inside((object) => publishTo(object));
  await log.settled();
  for (const id of ids) await delivered(log, id, 1);
  await log.rows('DELETE FROM summaries');
  await log.rows(`UPDATE progress SET unsaved = '*'`);
  await log.crash();
  await until(
    async () => {
      await runDurableObjectAlarm(log.stub);
      return Promise.all(ids.map((id) => told(log, id)));
    },
    (rows) => rows.every((row) => row?.delivered === 1),
  );
});

test('a hook that does not answer is listed as it last stood, among those that do', async () => {
  vi.spyOn(console, 'warn').mockReturnValue();
  const log = await openedLog();
  const ids = [await log.pausedHook(), await log.pausedHook(), await log.pausedHook()];
  await log.inside((object) => publishTo(object));
  await log.settled();
  const getByName = (name: string) => {
    const hang = () => new Promise<never>(() => undefined);
    return name.endsWith(`/${ids[1]}`)
      ? new Proxy({}, { get: (_target, member) => (member === 'then' ? undefined : hang) })
      : relay.HOOK.getByName(name);
  };
  await log.bind({ HOOK: { getByName } as unknown as Env['HOOK'] });
  const paused = { state: 'paused', pending: 1 };
  expect(await listed(log)).toMatchObject([paused, paused, paused]);
  expect(await log.inside((object) => object.stats())).toMatchObject({ pending: 3, hooks: { paused: 3 } });
});
