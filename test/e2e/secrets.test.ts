/** Where secrets must never stand: in what the relay prints, and keys not even on its disk. */
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Api } from '../support/api.ts';
import { startReceiver } from '../support/receiver.ts';
import { type Relay, startRelay } from '../support/relay.ts';
import { accepted, arrive, arriveSigned, newTenant, ownEvent, superofficeBody } from '../support/tenant.ts';
import { until } from '../support/until.ts';

let relay: Relay;
const secrets = new Map<string, string>();
beforeAll(async () => {
  // With the level that `npm start` has, at which the most is printed.
  relay = await startRelay({ env: { LOG_LEVEL: '' } });
  await using failing = await startReceiver({ answer: { status: 500, body: 'answer-of-the-receiver' } });
  const closed = await startReceiver();
  await closed.close();
  const { api, key } = await newTenant(relay);
  const word = (name: string) => {
    const text = `${name.replaceAll(' ', '-')}-${randomBytes(12).toString('hex')}`;
    secrets.set(name, text);
    return text;
  };
  const keep = (name: string, text: string) => void secrets.set(name, text);

  keep('key', key);
  keep('second key', (await api.createKey()).key);
  const revoked = await api.expect(201, 'POST', '/v1/keys', { name: 'revoked' });
  keep('revoked key', (revoked as { key: string }).key);
  await api.expect(204, 'DELETE', `/v1/keys/${(revoked as { id: string }).id}`);
  await new Api(relay.url, word('wrong key')).request('GET', '/v1/hooks');

  const source = await api.createSource({
    provider: 'superoffice',
    name: 'a6',
    secret: word('source secret'),
  });
  keep('inbound token', source.inboundUrl.split('/').at(-1) ?? '');
  const hookSecret = randomBytes(32).toString('base64');
  keep('hook secret', hookSecret);
  const headers = { authorization: word('header value') };
  for (const { url } of [failing, closed]) {
    await api.createHook({ url, secret: hookSecret, headers, retry: { scheduleSeconds: [] } });
  }
  keep('generated hook secret', (await api.createHook({ url: failing.url })).secret.slice('whsec_'.length));
  await api.request('POST', '/v1/hooks', { url: failing.url, secret: word('refused secret') });
  await api.request('POST', '/v1/hooks', { url: `https://me:${word('password')}@example.com/` });
  await api.request('POST', '/v1/hooks', { url: failing.url, headers: { host: word('refused header') } });

  const { id } = accepted(await arriveSigned(source, superofficeBody({ Note: word('payload') })));
  await arrive(source, superofficeBody(), { 'x-superoffice-signature': word('wrong signature') });
  await arrive({ inboundUrl: `${relay.url}/in/${word('unknown token')}` }, '{}');
  await api.publish(ownEvent({ data: word('own payload') }));
  await until(
    () => api.event(id),
    ({ deliveries }) => deliveries.filter(({ status }) => status === 'dead').length === 2,
  );
});
afterAll(() => relay.dispose());

test('A6: whatever fails, nothing that the relay prints holds a secret, a header value or a payload', async () => {
  // What it would still say on its way out is part of it.
  await relay.stop();
  secrets.set('admin key', relay.adminKey);
  expect(secrets.size).toBeGreaterThan(15);
  const logs = relay.logs();
  expect(logs).toContain('posthorn listening on');
  expect([...secrets].filter(([, text]) => logs.includes(text)).map(([name]) => name)).toEqual([]);
});

test('each inbound request, attempt and change of state is a line; none holds a URL or a token', async () => {
  await relay.stop();
  const lines = relay.logs().split('\n');
  for (const line of [
    /^\d\d:\d\d:\d\d inbound tenant=\S+ source=src_\S+ provider=superoffice event=evt_\S+ outcome=accepted status=200$/,
    /^\S+ inbound tenant=\S+ source=src_\S+ provider=superoffice outcome=refused reason=signature status=401$/,
    /^\S+ inbound outcome=refused reason=not-found status=404$/,
    /^\S+ published tenant=\S+ event=evt_\S+$/,
    /^\S+ attempt tenant=\S+ hook=\d+ event=evt_\S+ attempt=1 outcome=failed status=500 error=status durationMs=\d+$/,
    /^\S+ posthorn\.delivery\.dead tenant=\S+ about=hook\/\d+ event=evt_\S+$/,
  ])
    expect([line, lines.some((text) => line.test(text))]).toEqual([line, true]);
  expect(relay.logs()).not.toContain('/in/');
});

test('A6: of a key only its hash is on disk, of what was refused nothing', async () => {
  await relay.stop();
  const onDisk = filesBelow(relay.dataDir).map((path) => readFileSync(path).toString('latin1'));
  // What belongs there is found in this way.
  expect(onDisk.some((text) => text.includes(secrets.get('own payload') ?? ''))).toBe(true);
  for (const [name, text] of secrets) {
    if (!/key|refused|password|wrong|unknown/.test(name) || name === 'admin key') continue;
    expect([name, onDisk.some((file) => file.includes(text))]).toEqual([name, false]);
  }
});

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
