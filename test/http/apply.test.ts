/**
 * `posthorn apply` that is killed after any of its calls: a second run finishes. Whether it had the answer of the last one
 * makes no difference, as nothing of it outlives the process.
 */
import { expect, it } from 'vitest';
import { planAgainst, take } from '../../cli/hooks-file/carry-out.ts';
import type { HooksFile } from '../../cli/hooks-file/read.ts';
import { posthorn, type Posthorn } from '../../client/posthorn.ts';
import { createApp } from '../../src/http/app.ts';
import { tenantsOf } from '../../src/registry/address.ts';
import { keyIn, Log, relay as bindings } from '../objects/event-log/log.ts';

const app = createApp();
const OPTIONS = { fileName: 'hooks.yaml', prune: true };

const BEFORE: HooksFile = {
  sources: {
    pay: { provider: 'stripe', name: 'Pay', secret: 'whsec_one' },
    old: { provider: 'deskera', name: 'Old' },
  },
  hooks: {
    billing: { url: 'https://billing.example/', sources: ['pay'], headers: { authorization: 'Bearer one' } },
    plain: { url: 'https://plain.example/' },
    former: { url: 'https://former.example/', sources: ['old'] },
  },
};

/** Makes, changes, gives new secrets to, leaves alone and deletes of either kind. */
const AFTER: HooksFile = {
  sources: {
    pay: { provider: 'stripe', name: 'Payments', secret: 'whsec_two' },
    more: { provider: 'deskera', name: 'More' },
  },
  hooks: {
    billing: {
      url: 'https://billing.example/in',
      sources: ['pay', 'more'],
      headers: { authorization: 'two' },
    },
    plain: { url: 'https://plain.example/' },
    added: { url: 'https://added.example/', sources: ['more'], secret: `whsec_${btoa('x'.repeat(32))}` },
  },
};

/** The process is gone. */
class Killed extends Error {}

interface Tenant {
  /** `calls`: how many it may make, of those that change something. */
  client(calls?: number): { readonly relay: Posthorn; readonly made: () => number };
}

async function newTenant(): Promise<Tenant> {
  const made = await tenantsOf(bindings).create(`t-${crypto.randomUUID()}`, '', null);
  if (!made.ok) throw new Error(made.reason);
  const { text: key } = await new Log(made.tenant).inside((object) => keyIn(object));
  return {
    client(calls = Infinity) {
      let count = 0;
      const relay = posthorn({
        url: 'https://relay.example.com',
        key,
        retries: 0,
        fetch: async (url, init) => {
          if (init.method !== 'GET' && (count += 1) > calls) throw new Killed();
          return app.fetch(new Request(url, init), bindings);
        },
      });
      return { relay, made: () => count };
    },
  };
}

async function apply(relay: Posthorn, file: HooksFile): Promise<void> {
  for (const planned of await planAgainst(relay, file, OPTIONS)) await take(relay, planned);
}

/** As the file knows it: without what differs from tenant to tenant. */
async function stateOf(relay: Posthorn) {
  const sources = await relay.sources.list({ order: 'asc' }).all();
  const uidOf = (id: string) => sources.find((source) => source.id === id)?.uid;
  const hooks = await relay.hooks.list().all();
  return {
    sources: await Promise.all(
      sources.map(async ({ id, uid, name, managedBy }) => {
        const { secret } = await relay.sources.secret(id);
        // Of Deskera's the relay has made it.
        return { uid, name, managedBy, secret: secret?.startsWith('whsec_') === true ? secret : null };
      }),
    ),
    hooks: hooks
      .map(({ uid, url, sources: ids, managedBy, headers }) => {
        return { uid, url, sources: ids?.map(uidOf) ?? null, managedBy, headers };
      })
      .toSorted((one, other) => String(one.uid).localeCompare(String(other.uid))),
  };
}

async function applied(calls: number) {
  const tenant = await newTenant();
  await apply(tenant.client().relay, BEFORE);
  const first = tenant.client(calls);
  const cut = await apply(first.relay, AFTER).then(
    () => null,
    (error: unknown) => error,
  );
  const { relay } = tenant.client();
  await apply(relay, AFTER);
  expect(await planAgainst(relay, AFTER, OPTIONS)).toEqual([]);
  return { cut, made: first.made(), state: await stateOf(relay) };
}

it('killed after any call, it is finished by the next run', async () => {
  const whole = await applied(Infinity);
  expect(whole.cut).toBeNull();
  expect(whole.made).toBe(8);
  expect(whole.state.sources.map(({ uid, name, secret }) => [uid, name, secret])).toEqual([
    ['pay', 'Payments', 'whsec_two'],
    ['more', 'More', null],
  ]);
  for (let calls = 0; calls < whole.made; calls += 1) {
    const { cut, state } = await applied(calls);
    expect(cut, `killed after ${calls} calls`).not.toBeNull();
    expect(state, `killed after ${calls} calls`).toEqual(whole.state);
  }
});

it('what somebody else has changed since the plan is left as it is', async () => {
  const tenant = await newTenant();
  const { relay } = tenant.client();
  await apply(relay, BEFORE);
  const planned = await planAgainst(relay, AFTER, OPTIONS);
  const step = (kind: string, uid: string) => {
    const found = planned.find((one) => one.step.kind === kind && one.step.uid === uid);
    if (found === undefined) throw new Error(`expected a step for ${uid}`);
    return found;
  };
  for (const hook of await relay.hooks.list().all()) await relay.hooks.update(hook.id, { name: 'theirs' });
  for (const source of await relay.sources.list().all())
    await relay.sources.update(source.id, { name: 'theirs' });
  // The hook is to name it.
  await take(relay, step('source', 'more'));
  for (const [kind, uid] of [
    ['hook', 'billing'],
    ['hook', 'former'],
    ['source', 'pay'],
    ['source', 'old'],
  ] as const)
    await expect(take(relay, step(kind, uid))).rejects.toMatchObject({ code: 'precondition-failed' });
  const names = [...(await relay.hooks.list().all()), ...(await relay.sources.list().all())];
  expect(names.map(({ name }) => name).toSorted()).toEqual(['More', ...Array<string>(5).fill('theirs')]);
});
