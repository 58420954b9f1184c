/** `npm run demo` shows all of it, verifies all of it, and leaves nothing behind. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import manifest from '../../package.json';
import { until } from '../support/until.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const TIMEOUT_MS = 90_000;

interface Run {
  readonly exitCode: number | null;
  readonly output: string;
  /** What is left in the folder for temporary files. */
  readonly left: readonly string[];
}

/** Runs the demo in a process group and with a temporary folder of its own; SIGTERM once `stopAt` is printed. */
async function runDemo(stopAt: string | null = null): Promise<Run> {
  const temporary = mkdtempSync(join(tmpdir(), 'posthorn-e2e-'));
  const child = spawn(join(ROOT, 'node_modules', '.bin', 'node'), ['scripts/demo.ts'], {
    cwd: ROOT,
    env: { ...process.env, TMPDIR: temporary, POSTHORN_ADMIN_KEY: 'too short', PORT: 'no port' },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const { pid } = child;
  if (pid === undefined) throw new Error('the demo does not start');
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      if (stopAt !== null && output.includes(stopAt)) child.kill('SIGTERM');
    });
  }
  try {
    await once(child, 'close');
    // Whoever is left of the group may take a moment to be collected.
    await until(
      () => Promise.resolve(isAlive(-pid)),
      (alive) => !alive,
    );
    return { exitCode: child.exitCode, output, left: readdirSync(temporary) };
  } finally {
    if (isAlive(-pid)) process.kill(-pid, 'SIGKILL');
    rmSync(temporary, { recursive: true, force: true, maxRetries: 5 });
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test(
  'all deliveries of the demo arrive and verify, whatever the environment is set to',
  async () => {
    const { exitCode, output, left } = await runDemo();
    expect(output).toContain(
      'Everything arrived and verified: 2 events, 3 hooks, 4 deliveries, no duplicate.',
    );
    expect(output).toContain('ok all four arrived, in order');
    expect(output).toContain('ok all four arrived once more, in order');
    expect(exitCode, output).toBe(0);
    expect(left).toEqual([]);
    for (const call of ['POST /v1/hooks', 'POST /v1/webhooks/register', 'POST /api/v1/Webhook']) {
      expect(output).toContain(call);
    }
    expect(output.match(/ok webhook-signature verified/g)).toHaveLength(4);
    expect(output.match(/ok x-superoffice-signature verified/g)).toHaveLength(1);
    expect(output).toMatch(/with a byte changed +401/);
    // Readable without colour, and nobody's secret is in it.
    expect(output).not.toContain('\u001b');
    expect(output).not.toMatch(/whsec_|ph_default_|\/in\/default_[\w-]{20}/);
  },
  TIMEOUT_MS,
);

test(
  'a demo that is stopped half-way leaves no process and no folder either',
  async () => {
    const { exitCode, output, left } = await runDemo('3. What the providers post');
    expect(output).toContain('3. What the providers post');
    expect(output).not.toContain('Everything arrived');
    expect(exitCode).toBe(1);
    expect(left).toEqual([]);
  },
  TIMEOUT_MS,
);

test('the demo installs what it needs first, as the other scripts do', () => {
  expect(manifest.scripts.predemo).toBe(manifest.scripts.prestart);
  expect(manifest.scripts.demo).toBe('node scripts/demo.ts');
});
