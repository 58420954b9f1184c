/** `npm start` as a program: how it announces itself, stops, refuses, and recovers from kill -9. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { workerdsOf } from '../../scripts/relay/orphans.ts';
import { type Relay, startRefused, startRelay } from '../support/relay.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

function emptyFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'posthorn-start-')));
  folders.push(folder);
  return folder;
}

async function health(relay: Relay): Promise<number> {
  return (await fetch(`${relay.url}/healthz`)).status;
}

describe('announcing', () => {
  test('one line says where it listens, then where the key is, what targets are allowed and what to try', async () => {
    await using relay = await startRelay();
    expect(await health(relay)).toBe(200);
    const lines = relay.logs().split('\n');
    expect(lines.filter((line) => line.startsWith('posthorn listening on '))).toEqual([
      `posthorn listening on ${relay.url}`,
    ]);
    expect(relay.logs()).toContain(`admin key: ${join(relay.dataDir, 'admin-key')}`);
    expect(relay.logs()).toContain('target policy: any');
    expect(relay.logs()).toContain(`next: curl ${relay.url}/`);
  });

  test('the admin key is made once, readable by its owner alone, and never printed', async () => {
    await using relay = await startRelay();
    const made = relay.adminKey;
    expect(made).toMatch(/^[0-9a-f]{64}$/);
    expect(statSync(join(relay.dataDir, 'admin-key')).mode & 0o777).toBe(0o600);
    await relay.restart();
    expect(relay.adminKey).toBe(made);
    expect(relay.logs()).not.toContain(made);
  });

  test('an admin key from the environment is not kept in the data folder', async () => {
    await using relay = await startRelay({ env: { POSTHORN_ADMIN_KEY: 'a'.repeat(40) } });
    expect(() => statSync(join(relay.dataDir, 'admin-key'))).toThrow('ENOENT');
    expect(relay.logs()).toContain('POSTHORN_ADMIN_KEY');
    expect(relay.logs()).not.toContain('a'.repeat(40));
  });
});

describe('stopping', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)('%s ends host and workerd with exit code 0', async (signal) => {
    await using relay = await startRelay();
    expect(await relay.stop(signal)).toBe(0);
    expect(workerdsOf(relay.dataDir)).toEqual([]);
    await expect(health(relay)).rejects.toThrow();
  });
});

describe('one relay a data folder', () => {
  test('a second live start is refused and names process and folder; the first goes on', async () => {
    await using relay = await startRelay();
    const refusal = await startRefused({ PORT: '0', POSTHORN_DATA: relay.dataDir });
    expect(refusal.exitCode).toBe(1);
    expect(refusal.logs).toContain(`process ${relay.pid}`);
    expect(refusal.logs).toContain(relay.dataDir);
    expect(await health(relay)).toBe(200);
  });

  test('of two simultaneous starts exactly one runs', async () => {
    const dataDir = emptyFolder();
    const started = await Promise.allSettled([startRelay({ dataDir }), startRelay({ dataDir })]);
    const relays = started.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
    try {
      expect(relays).toHaveLength(1);
      expect(workerdsOf(dataDir)).toHaveLength(1);
    } finally {
      for (const relay of relays) await relay.dispose();
    }
  });
});

describe('kill -9', () => {
  test('of the host: the workerd it leaves behind serves on, until the next start ends it', async () => {
    await using relay = await startRelay();
    const [orphan] = workerdsOf(relay.dataDir);
    await relay.killHost9();
    expect(await health(relay)).toBe(200);
    await relay.restart();
    expect(await health(relay)).toBe(200);
    expect(relay.logs()).toContain(`ended workerd ${orphan ?? ''}`);
    expect(workerdsOf(relay.dataDir)).toHaveLength(1);
    expect(workerdsOf(relay.dataDir)).not.toContain(orphan);
  });

  test('of the group: the next start on the same data works', async () => {
    await using relay = await startRelay();
    await relay.kill9();
    expect(workerdsOf(relay.dataDir)).toEqual([]);
    await relay.restart();
    expect(await health(relay)).toBe(200);
  });

  test('of npm: the relay it started goes with it, and the next start works', async () => {
    const dataDir = emptyFolder();
    const npm = spawn('npm', ['start'], {
      env: { ...process.env, PORT: '0', POSTHORN_DATA: dataDir },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    let output = '';
    npm.stdout.setEncoding('utf8');
    while (!output.includes('posthorn listening on')) {
      const [text] = (await once(npm.stdout, 'data')) as [string];
      output += text;
    }
    npm.kill('SIGKILL');
    await once(npm, 'exit');
    await using relay = await startRelay({ dataDir });
    expect(await health(relay)).toBe(200);
  });

  test('of workerd: it is back on the same port, with the host still the same', async () => {
    await using relay = await startRelay();
    const [crashed] = workerdsOf(relay.dataDir);
    process.kill(crashed ?? 0, 'SIGKILL');
    await expect.poll(() => health(relay).catch(() => 0), { timeout: 20_000 }).toBe(200);
    expect(workerdsOf(relay.dataDir)).not.toContain(crashed);
    expect(await relay.stop()).toBe(0);
  });

  test('a workerd of another folder is left alone', async () => {
    await using other = await startRelay();
    await using relay = await startRelay();
    await relay.killHost9();
    await relay.restart();
    expect(await health(other)).toBe(200);
  });
});

describe('refusing', () => {
  test('a port in use is named, and nothing is left running', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const dataDir = emptyFolder();
    const refusal = await startRefused({ PORT: String(port), POSTHORN_DATA: dataDir });
    server.close();
    expect(refusal.exitCode).toBe(1);
    expect(refusal.logs).toContain(`127.0.0.1:${port} is in use`);
    expect(refusal.logs).not.toContain('posthorn listening');
    expect(workerdsOf(dataDir)).toEqual([]);
  });

  test.each(['-1', '65536', 'http', '80.5'])('PORT=%s', async (PORT) => {
    const refusal = await startRefused({ PORT, POSTHORN_DATA: emptyFolder() });
    expect(refusal.exitCode).toBe(1);
    expect(refusal.logs).toContain('PORT: expected');
  });

  test('settings: every problem at once, by name, without a value', async () => {
    const refusal = await startRefused({
      PORT: '0',
      POSTHORN_DATA: emptyFolder(),
      RETENTION_DAYS: 'forever',
      PUBLIC_URL: 'not-a-url',
      POSTHORN_ADMIN_KEY: 'too-short',
    });
    expect(refusal.exitCode).toBe(1);
    for (const name of ['RETENTION_DAYS', 'PUBLIC_URL', 'POSTHORN_ADMIN_KEY'])
      expect(refusal.logs).toContain(name);
    for (const value of ['forever', 'not-a-url', 'too-short']) expect(refusal.logs).not.toContain(value);
  });

  test('E8: dependencies without their install scripts: says in words what to run', () => {
    const clone = emptyFolder();
    mkdirSync(join(clone, 'scripts'));
    cpSync('scripts/install.mjs', join(clone, 'scripts', 'install.mjs'));
    mkdirSync(join(clone, 'node_modules'));
    for (const file of ['package-lock.json', join('node_modules', '.package-lock.json')])
      writeFileSync(join(clone, file), '{"packages":{}}');
    const args = ['--no-experimental-strip-types', join(clone, 'scripts', 'install.mjs')];
    const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    expect(status).toBe(1);
    expect(stderr).toContain('npm rebuild node');
    expect(stderr).not.toMatch(/^ +at /m);
  });

  test('a data folder that is a file', async () => {
    const file = join(emptyFolder(), 'file');
    writeFileSync(file, 'kept');
    const refusal = await startRefused({ PORT: '0', POSTHORN_DATA: file });
    expect(refusal.exitCode).toBe(1);
    expect(readFileSync(file, 'utf8')).toBe('kept');
  });
});
