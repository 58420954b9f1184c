/**
 * Data that an earlier version has taken: an own event with so many extensions that a request with a header for each
 * ends the runtime. It lies in the log and in the hook's queue, and the relay starts and goes on.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { workerdsOf } from '../../scripts/relay/orphans.ts';
import { startReceiver } from '../support/receiver.ts';
import { startRelay } from '../support/relay.ts';
import { newTenant, ownEvent } from '../support/tenant.ts';
import { until } from '../support/until.ts';

const EXTENSIONS = 25_000;

/** The databases of all objects of a relay that is not running. */
function databases(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.sqlite'))
    .map((name) => join(folder, name));
}

/** Puts another body into the rows of an event, wherever they are; returns in how many tables. */
function plant(folder: string, eventId: string, raw: Uint8Array): string[] {
  const planted: string[] = [];
  for (const file of databases(folder)) {
    const database = new DatabaseSync(file);
    for (const [table, id] of [
      ['events', 'id'],
      ['deliveries', 'event_id'],
    ] as const) {
      const isThere = database.prepare('SELECT 1 FROM sqlite_master WHERE name = ?').get(table);
      if (isThere === undefined) continue;
      const { changes } = database.prepare(`UPDATE ${table} SET raw = ? WHERE ${id} = ?`).run(raw, eventId);
      if (changes > 0) planted.push(table);
    }
    database.close();
  }
  return planted;
}

test('A1: an event with 25,000 extensions that lies in storage is dead where it cannot be carried, and harms nobody', async () => {
  await using relay = await startRelay();
  await using receiver = await startReceiver();
  const tenant = await newTenant(relay);
  const binary = await tenant.api.createHook({
    url: receiver.url,
    events: ['poison'],
    format: 'binary',
    paused: true,
  });
  const event = ownEvent({ type: 'poison' });
  const { id } = await tenant.api.publish(event);
  await until(
    () => tenant.api.deliveries(binary.id),
    (deliveries) => deliveries.length === 1,
  );
  await relay.stop();
  const state = join(relay.dataDir, 'state');
  expect(existsSync(state)).toBe(true);
  const more = Object.fromEntries(Array.from({ length: EXTENSIONS }, (_, at) => [`x${at}`, 1]));
  const raw = new TextEncoder().encode(JSON.stringify({ ...event, ...more }));
  expect(plant(state, id, raw).toSorted()).toEqual(['deliveries', 'events']);

  await relay.restart();
  const [workerd] = workerdsOf(relay.dataDir);
  await tenant.api.patchHook(binary.id, { paused: false });
  const delivery = await until(
    () => tenant.api.delivery(binary.id, id),
    ({ status }) => status === 'dead',
  );
  expect(delivery).toMatchObject({ reason: 'format', attemptLog: [{ error: 'format' }] });
  expect(delivery.attemptLog[0]?.detail).toMatch(/^expected at most 128 headers, got 250\d\d$/);

  // In the body it is carried.
  await tenant.api.patchHook(binary.id, { format: 'structured' });
  await tenant.api.expect(202, 'POST', `/v1/hooks/${binary.id}/deliveries/${id}/retry`);
  const [arrival] = await receiver.waitFor(1);
  expect(arrival?.body.length).toBeGreaterThan(200_000);
  expect(workerdsOf(relay.dataDir)).toEqual([workerd]);
});
