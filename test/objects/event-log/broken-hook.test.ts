/** One hook whose object fails or hangs breaks no list over hooks: the routes as a client calls them. */
import { createExecutionContext } from 'cloudflare:test';
import { afterEach, expect, test, vi } from 'vitest';
import type { Env } from '../../../src/env.ts';
import app from '../../../src/index.ts';
import { relay } from './log.ts';

const ADMIN_KEY = relay.POSTHORN_ADMIN_KEY ?? '';

afterEach(() => {
  vi.restoreAllMocks();
});

async function call(env: Env, method: string, path: string, body?: object): Promise<Record<string, unknown>> {
  const request = new Request(`https://relay.example.com${path}`, {
    method,
    headers: { authorization: `Bearer ${ADMIN_KEY}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const reply = await app.fetch(request, env, createExecutionContext());
  const text = await reply.text();
  if (!reply.ok) throw new Error(`${method} ${path}: ${reply.status} ${text}`);
  return JSON.parse(text) as Record<string, unknown>;
}

test('a hook whose object fails is left out of the list of all deliveries, which says so', async () => {
  vi.spyOn(console, 'warn').mockReturnValue();
  const env: Env = relay;
  const ids: unknown[] = [];
  for (let n = 0; n < 3; n += 1) {
    const hook = await call(env, 'POST', '/v1/hooks', { url: 'https://receiver.example.com/', paused: true });
    ids.push(hook['id']);
  }
  const event = { specversion: '1.0', id: 'one', source: '/test', type: 'test.one' };
  await call(env, 'POST', '/v1/events', event);
  await vi.waitFor(async () => {
    const { data } = await call(env, 'GET', '/v1/deliveries');
    expect(data).toHaveLength(3);
  });
  const fail = () => Promise.reject(new Error('broken'));
  const getByName = (name: string) =>
    name.endsWith(`/${String(ids[1])}`) ? { overview: fail } : relay.HOOK.getByName(name);
  const broken: Env = { ...env, HOOK: { getByName } as unknown as Env['HOOK'] };
  const page = await call(broken, 'GET', '/v1/deliveries');
  expect(page['data']).toMatchObject([{ hookId: ids[0] }, { hookId: ids[2] }]);
  expect(page).toMatchObject({ unavailable: [ids[1]], nextCursor: null });
});
