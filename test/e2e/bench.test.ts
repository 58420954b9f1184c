/** The benchmarks work: how good the figures are says `npm run bench`, alone on a machine that is at rest. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..', '..');

it('a quick run ends by itself and has a number at every member', { timeout: 300_000 }, async () => {
  const { stdout } = await promisify(execFile)(
    join(ROOT, 'node_modules', '.bin', 'node'),
    ['bench/main.ts', '--quick', '--json'],
    { cwd: ROOT, timeout: 280_000 },
  );
  const number = expect.any(Number) as number;
  const counted = { rowsWritten: number, objectRequests: number, dollarsPerMillion: number };
  expect(JSON.parse(stdout)).toMatchObject({
    isQuick: true,
    errors: [],
    accept: { perSecond: number, ratioToBareWorker: number, recipeRatio: number },
    latency: { p50Ms: number, p95Ms: number, p99Ms: number },
    deliver: {
      fifo: { perSecond: number, ratioToBareLoop: number },
      concurrent6: {
        perSecond: number,
        ratioToBareLoop: number,
        ratioToBareLoop20ms: number,
        ratioToConcurrency1: number,
      },
      overheadMs: number,
    },
    fanOut: {
      perHookMs: { 100: number, 300: number, 1000: number },
      growthPerStep: number,
      deliveredPerHookMs: { cold: number, warm: number },
    },
    routing: { registered100kRatio: number },
    matcher: { openMs: number, rssMiB: number },
    noisyNeighbour: { ratio: number },
    backlog: { millionRatio: number, rssMiB: number },
    blocked: { subjects100kRatio: number },
    deadHook: { latencyRatio: number, throughputRatio: number },
    cost: { lone: counted, burst: counted, tenHooks: counted, retry: counted, dollarsPerMillion: number },
    filter: { perEventUs: number, thousandHooksMs: number },
    template: { renderMs: number },
    listen: { p50Ms: number, p95Ms: number, postedP50Ms: number },
    tail: { watchedPerSecond: number, ratioToUnwatched: number },
    commandLine: { startMs: number, nodeMs: number },
    start: { readyMs: number },
    bundle: { gzipKiB: number, catalogueGzipKiB: number },
  });
});
