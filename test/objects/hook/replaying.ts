/** A hook with the event log of its tenant: what was published, fanned out and went wrong can be replayed. */
import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { HOOK_DEFAULTS, patchHook, type HookPatch } from '../../../src/core/hook-config.ts';
import { parsePattern } from '../../../src/core/pattern.ts';
import type { Env } from '../../../src/env.ts';
import type { EventLog } from '../../../src/event-log/event-log.ts';
import { EVERY_HOOK } from '../../../src/event-log/hook-scope.ts';
import type { Hook } from '../../../src/hook/hook.ts';
import type { ReplayJob, ReplayOrder, ReplayStatus } from '../../../src/hook/replay.ts';
import { eventLogOf, type TenantRef } from '../../../src/registry/address.ts';
import { Mailbox } from '../../support/mailbox.ts';
import { clock, HookUnderTest, START_MS } from '../../support/objects.ts';

const relay = env as unknown as Env;

export interface Asked {
  readonly status?: ReplayStatus;
  readonly types?: readonly string[];
  readonly fromMs?: number;
  readonly toMs?: number | null;
}

export class Replaying {
  readonly ref: TenantRef = { tenant: 'default', incarnation: crypto.randomUUID(), jurisdiction: null };
  readonly box = new Mailbox();

  get log(): DurableObjectStub<EventLog> {
    return eventLogOf(relay, this.ref);
  }

  async open(): Promise<void> {
    await this.log.open({ ...this.ref, name: '', createdAtMs: START_MS });
  }

  /** One that nothing has been published to yet. No jitter unless the patch says so. */
  async hook(patch: HookPatch = {}): Promise<HookUnderTest> {
    const config = patchHook(
      { ...HOOK_DEFAULTS, url: this.box.url },
      { ...patch, retry: { jitter: 0, ...patch.retry } },
    );
    const created = await runInDurableObject(this.log, (log: EventLog) =>
      log.createHook({ config, secret: null, relayHost: 'relay.test', keyId: null }, null),
    );
    if (created.kind !== 'created') throw new Error(`refused: ${created.kind}`);
    const { registration } = created.value;
    return new HookUnderTest(registration, `default.${this.ref.incarnation}/${registration.id}`);
  }

  /** Own events, about a subject each or all about one, offered to every hook that wants them. */
  async publish(count: number, subject?: string | null, type = 'order.paid'): Promise<string[]> {
    const ids = await this.append(count, subject, type);
    await this.fanOut();
    return ids;
  }

  /** The same, not offered to any hook yet. */
  append(count: number, subject?: string | null, type = 'order.paid'): Promise<string[]> {
    return runInDurableObject(this.log, (log: EventLog) =>
      Array.from({ length: count }, () => {
        const id = crypto.randomUUID();
        const event = {
          id,
          source: '/shop',
          type,
          subject: subject === undefined ? id : subject,
          time: null,
        };
        const body = new TextEncoder().encode(JSON.stringify({ specversion: '1.0', ...event }));
        const created = log.publish(event, body, 'application/json', null);
        if (created.kind !== 'created') throw new Error(`refused: ${created.kind}`);
        return created.value.id;
      }),
    );
  }

  async fanOut(): Promise<void> {
    while (await runDurableObjectAlarm(this.log));
  }

  /** As the route does it. */
  async start(hook: HookUnderTest, asked: Asked = {}): Promise<ReplayJob> {
    const job = await hook.stub.startReplay(await this.order(hook, asked));
    if (job === null || job === 'running') throw new Error(`expected a replay to begin, got ${job}`);
    return job;
  }

  async order(hook: HookUnderTest, asked: Asked = {}): Promise<ReplayOrder> {
    const { status = 'dead', fromMs = START_MS, toMs = null } = asked;
    const { id } = hook.registration;
    const range = await this.log.replayRange(id, EVERY_HOOK, status, fromMs, toMs);
    if (range === null) throw new Error('no such hook');
    return { status, types: asked.types?.map(patternOf) ?? null, fromMs, toMs, ...range };
  }

  /** From now on, until its object starts anew, the hook gets this in place of the log's answer to `eventsAt`. */
  async standIn(
    hook: HookUnderTest,
    eventsAt: (seqs: number[], instance: Hook, state: DurableObjectState) => unknown,
  ): Promise<void> {
    await hook.inside((instance, state) => {
      const stub: Partial<Record<keyof EventLog, unknown>> = {
        report: () => Promise.resolve(),
        eventsAt: (seqs: number[]) => eventsAt(seqs, instance, state),
        wantedBy: (...range: Parameters<EventLog['wantedBy']>) => this.log.wantedBy(...range),
      };
      (instance as unknown as { env: Env }).env = {
        ...relay,
        EVENT_LOG: { getByName: () => stub } as unknown as Env['EVENT_LOG'],
      };
    });
  }

  /** `posthorn.*` events so far. */
  notices(): Promise<string[]> {
    return runInDurableObject(this.log, (_log, { storage }) =>
      storage.sql
        .exec<{ type: string }>(`SELECT type FROM events WHERE type LIKE 'posthorn.%' ORDER BY seq`)
        .toArray()
        .map(({ type }) => type),
    );
  }
}

export async function replaying(): Promise<Replaying> {
  clock.start();
  const all = new Replaying();
  await all.open();
  return all;
}

export async function latest(hook: HookUnderTest): Promise<ReplayJob | null> {
  return hook.stub.replay();
}

function patternOf(text: string) {
  const reading = parsePattern(text);
  if (!reading.ok) throw new Error(reading.expected);
  return reading.pattern;
}
