/** Wrong keys and inbound tokens on a relay that runs: counted by Cloudflare’s binding, as Miniflare simulates it. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Relay, startRelay } from '../support/relay.ts';
import { arrive, newTenant } from '../support/tenant.ts';

let relay: Relay;
beforeAll(async () => {
  relay = await startRelay();
});
afterAll(() => relay.dispose());

const slip = (text: string) => text.slice(0, -1) + (text.endsWith('x') ? 'y' : 'x');

test('A11: after a hundred within a minute further wrong ones are 429, whatever address they claim, and right ones are answered', async () => {
  const { key, api } = await newTenant(relay);
  const source = await api.createSource({ provider: 'deskera', name: 'd' });
  const { pathname } = new URL(source.inboundUrl);
  let number = 0;
  const wrong = () => {
    number += 1;
    const headers = { 'cf-connecting-ip': `198.51.100.${number % 250}`, 'x-forwarded-for': `${number}` };
    return number % 2 === 0
      ? fetch(`${relay.url}${slip(pathname)}`, { method: 'POST', body: '{}', headers })
      : fetch(`${relay.url}/v1/hooks`, { headers: { ...headers, authorization: `Bearer ${slip(key)}` } });
  };

  // A minute of the clock may begin in between, and the count with it.
  const statuses: number[] = [];
  while (statuses.at(-1) !== 429 && statuses.length < 202) statuses.push((await wrong()).status);
  expect(statuses.length).toBeGreaterThan(100);
  expect(new Set(statuses.slice(0, -1))).toEqual(new Set([401, 404]));
  const limited = await wrong();
  expect(limited.status).toBe(429);
  expect(limited.headers.get('retry-after')).toBe('60');

  expect((await arrive(source, '{"id":1}')).status).toBe(200);
  expect((await api.request('GET', '/v1/hooks')).status).toBe(200);
  const made = await newTenant(relay);
  const fresh = await made.api.createSource({ provider: 'deskera', name: 'd' });
  expect((await arrive(fresh, '{"id":1}')).status).toBe(200);
  expect((await wrong()).status).toBe(429);
});

test('a key has as many calls a minute as KEY_REQUESTS_PER_MINUTE says', async () => {
  await using own = await startRelay({ env: { KEY_REQUESTS_PER_MINUTE: '20' } });
  const { key } = await newTenant(own);
  const statuses: number[] = [];
  while (statuses.at(-1) !== 429 && statuses.length < 60) {
    const response = await fetch(`${own.url}/v1/hooks`, { headers: { authorization: `Bearer ${key}` } });
    statuses.push(response.status);
  }
  expect(statuses.length).toBeGreaterThan(20);
  expect(statuses.at(-1)).toBe(429);
});
