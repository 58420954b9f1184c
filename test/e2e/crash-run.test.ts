/** The crash run of `npm run crash`, short: what it checks is told in test/support/crash/verdict.ts. */
import { expect, test } from 'vitest';
import { crash } from '../support/crash/run.ts';

test('kill -9 at random moments: nothing lost, nothing out of order, no double without a cause', async () => {
  const said: string[] = [];
  const report = await crash({
    rounds: 3,
    seed: Date.now() % 2 ** 31,
    seconds: 1,
    eventsPerSecond: 100,
    say: (line) => said.push(line),
  });
  expect(report.violations.slice(0, 20), `seed ${report.seed}\n${said.join('\n')}`).toEqual([]);
  expect(report.kills).toHaveLength(3);
  expect(report.accepted).toBeGreaterThan(20);
}, 120_000);
