/** Data that a newer version of the relay has written: this one refuses it in words and changes nothing of it. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { refusal, type Problem } from '../support/api.ts';
import { type Relay, startRelay } from '../support/relay.ts';
import { newTenant, ownEvent, type Tenant } from '../support/tenant.ts';

let relay: Relay;
let tenant: Tenant;
beforeAll(async () => {
  relay = await startRelay();
  tenant = await newTenant(relay);
  await tenant.api.publish(ownEvent());
});
afterAll(() => relay.dispose());

/** Of the logs of all tenants, while the relay does not run. */
function changeVersions(by: number): number {
  let changed = 0;
  const state = join(relay.dataDir, 'state');
  for (const entry of readdirSync(state, { recursive: true, withFileTypes: true })) {
    if (!/^[0-9a-f]{64}\.sqlite$/.test(entry.name)) continue;
    const database = new DatabaseSync(join(entry.parentPath, entry.name));
    try {
      const isLog = database.prepare(`SELECT 1 FROM sqlite_master WHERE name = 'events'`).get() !== undefined;
      if (!isLog) continue;
      database.prepare('UPDATE schema_version SET version = version + ?').run(by);
      changed += 1;
    } finally {
      database.close();
    }
  }
  return changed;
}

test('a log of a newer version is refused by 503 in words, and goes on with the version that wrote it', async () => {
  await relay.stop();
  expect(changeVersions(3)).toBeGreaterThan(0);
  await relay.restart();
  for (const [method, path, body] of [
    ['GET', '/v1/events', undefined],
    ['GET', '/v1/stats', undefined],
    ['POST', '/v1/events', ownEvent()],
  ] as const) {
    const reply = await tenant.api.request(method, path, body);
    expect([path, refusal(reply)]).toEqual([path, '503 not-configured']);
    expect((reply.body as Problem).detail).toMatch(
      /^The data was written by a newer version of the relay \(schema \d+, this one knows \d+\): run that version again\.$/,
    );
  }
  await relay.stop();
  changeVersions(-3);
  await relay.restart();
  expect(await tenant.api.events()).toHaveLength(1);
});
