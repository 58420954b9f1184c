/** How soon `npm start` is ready on data that is there already, and how large the Worker is that it runs. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { bundle } from '../../scripts/relay/bundle.ts';
import { CATALOGUE } from '../../src/providers/catalogue/catalogue.ts';
import type { Bench } from '../bench.ts';
import { manyHooks } from '../many-hooks.ts';
import { type Figure, figure, interleaved } from '../measure.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const READY = /^posthorn listening on /m;
const READY_WITHIN_MS = 30_000;

export async function start(bench: Bench): Promise<Figure[]> {
  const { dataFolder } = await manyHooks(bench);
  const { readyMs } = await interleaved(bench.rounds, { readyMs: () => npmStartMs(dataFolder) });
  return [
    figure('start.readyMs', 'ms', readyMs),
    // Of the 3 MB that a Worker may have on the smallest plan. The relay's own code is two thirds of it; zod and Liquid, which read
    // what users write, are most of the rest.
    figure('bundle.gzipKiB', 'KiB', [await bundleKiB(dataFolder)], { atMost: 300 }),
    figure('bundle.catalogueGzipKiB', 'KiB', [catalogueKiB()], { atMost: 25 }),
  ];
}

async function npmStartMs(dataFolder: string): Promise<number> {
  const startMs = performance.now();
  const npm = spawn('npm', ['start', '--silent'], {
    cwd: ROOT,
    env: { ...process.env, POSTHORN_DATA: dataFolder, PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(npm, 'exit');
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  let printed = '';
  npm.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
    if (READY.test(printed)) resolve(performance.now() - startMs);
  });
  const timer = setTimeout(() => {
    reject(new Error(`npm start is not ready within ${READY_WITHIN_MS} ms`));
  }, READY_WITHIN_MS);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    npm.kill('SIGTERM');
    await ended;
  }
}

/** What the descriptions of providers add, as data. */
function catalogueKiB(): number {
  return gzipSync(JSON.stringify(CATALOGUE)).length / 1024;
}

/** Of what is uploaded, without source maps. */
async function bundleKiB(dataFolder: string): Promise<number> {
  const { modulesFolder } = await bundle(dataFolder);
  const modules = readdirSync(modulesFolder).filter((name) => !['.map', '.md'].includes(extname(name)));
  const bytes = modules.map((name) => gzipSync(readFileSync(join(modulesFolder, name))).length);
  return bytes.reduce((sum, each) => sum + each, 0) / 1024;
}
