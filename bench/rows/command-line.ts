/** How long a short command of `posthorn` takes, beside a Node that does nothing. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Bench } from '../bench.ts';
import { type Figure, figure, interleaved } from '../measure.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const NODE = join(ROOT, 'node_modules', '.bin', 'node');
const BIN = join(ROOT, 'cli', 'posthorn.mjs');

export async function commandLine(bench: Bench): Promise<Figure[]> {
  const { command, node } = await interleaved(bench.size(15, 1), {
    command: () => tookMs(BIN, 'listen', '--help'),
    node: () => tookMs('-e', '0'),
  });
  return [
    figure('commandLine.startMs', 'ms', command, { atMost: 300 }),
    figure('commandLine.nodeMs', 'ms', node),
  ];
}

async function tookMs(...args: readonly string[]): Promise<number> {
  const startMs = performance.now();
  await promisify(execFile)(NODE, [...args]);
  return performance.now() - startMs;
}
