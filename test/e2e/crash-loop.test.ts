/**
 * A workerd that dies again and again over the same delivery. The receiver kills it here, as an event that no request
 * could carry once did.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { workerdsOf } from '../../scripts/relay/orphans.ts';
import { startReceiver } from '../support/receiver.ts';
import { startRelay } from '../support/relay.ts';
import { newTenant, ownEvent } from '../support/tenant.ts';
import { until } from '../support/until.ts';

const HELD = 'Deliveries are held until the next start';

test('A1: it is noticed and named, deliveries are held, and the relay goes on', async () => {
  await using relay = await startRelay();
  let deaths = 0;
  await using receiver = await startReceiver({
    answer: async ({ path }) => {
      if (path !== '/poison') return { status: 200 };
      deaths += 1;
      for (const pid of workerdsOf(relay.dataDir)) process.kill(pid, 'SIGKILL');
      await sleep(100);
      return { kind: 'hang' };
    },
  });
  const tenant = await newTenant(relay);
  const poisoned = await tenant.api.createHook({ url: `${receiver.url}poison`, events: ['poison'] });
  const healthy = await tenant.api.createHook({ url: `${receiver.url}well`, events: ['well'] });
  const { id } = await tenant.api.publish(ownEvent({ type: 'poison' }));

  await until(
    () => Promise.resolve(relay.logs()),
    (logs) => logs.includes(HELD),
    50_000,
  );
  expect(relay.logs()).toContain(`event ${id} for hook ${poisoned.id} of tenant ${tenant.id}: `);
  expect(relay.logs()).toContain(`/v1/hooks/${poisoned.id}/deliveries/${id}/cancel`);
  expect(deaths).toBeLessThan(10);

  // It takes events, says what it waits for, and lets the delivery be cancelled.
  const well = ownEvent({ type: 'well' });
  const published = await until(
    () => tenant.api.publish(well).catch(() => null),
    (reply) => reply !== null,
  );
  const held = await until(
    () => tenant.api.expect(200, 'GET', `/v1/hooks/${healthy.id}`).catch(() => null),
    (hook) => JSON.stringify(hook).includes('"reason":"delivery-paused"'),
  );
  expect(held).toMatchObject({ stats: { pending: 1 } });
  const before = deaths;
  await tenant.api.expect(200, 'POST', `/v1/hooks/${poisoned.id}/deliveries/${id}/cancel`);
  expect(deaths).toBe(before);

  await relay.restart();
  await receiver.waitFor((all) => all.some(({ headers }) => headers['webhook-id'] === published?.id));
  expect(deaths).toBe(before);
});
