/** A relay as `npm start` runs it: a process of its own with its workerd, in a process group of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const ROOT = join(import.meta.dirname, '..', '..');
const READY = /^posthorn listening on (http:\/\/\S+)$/m;
const READY_WITHIN_MS = 45_000;
const CLOSED_WITHIN_MS = 10_000;

export interface RelayOptions {
  /** Kept when the relay is disposed of; without it a temporary folder, removed then. */
  readonly dataDir?: string;
  /** Of the program. */
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export interface Relay extends AsyncDisposable {
  readonly url: string;
  readonly adminKey: string;
  readonly dataDir: string;
  /** Of the host process, which leads the group. */
  readonly pid: number;
  /** What it printed since it was first started, both streams. */
  logs(): string;
  /** SIGTERM if not told otherwise; resolves with the exit code once the process is gone. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
  /** kill -9 of host and workerd; resolves once the port is closed. */
  kill9(): Promise<void>;
  /** kill -9 of the host alone: its workerd goes on serving the port. */
  killHost9(): Promise<void>;
  /** Starts again on the same data and port; stops first what still runs. */
  restart(env?: Readonly<Record<string, string>>): Promise<void>;
  dispose(): Promise<void>;
}

/** A process that ended before it was ready, or instead of running. */
export interface Refusal {
  readonly exitCode: number | null;
  readonly logs: string;
}

// A test run that is cut short leaves no process behind.
const groups = new Set<number>();
process.on('exit', () => {
  for (const pid of groups) killGroup(pid);
});

export async function startRelay(options: RelayOptions = {}): Promise<Relay> {
  const temporary = options.dataDir === undefined;
  if (options.dataDir !== undefined) mkdirSync(options.dataDir, { recursive: true });
  const dataDir = realpathSync(options.dataDir ?? mkdtempSync(join(tmpdir(), 'posthorn-e2e-')));
  let logs = '';
  const log = (text: string) => {
    logs += text;
  };
  const forget = () => {
    if (temporary) rmSync(dataDir, { recursive: true, force: true, maxRetries: 5 });
  };
  let env = { PORT: '0', LOG_LEVEL: 'warn', ...options.env, POSTHORN_DATA: dataDir };
  let running = await launch(env, options.args ?? [], log).catch((error: unknown) => {
    forget();
    throw error;
  });

  const ended = async () => {
    if (running.child.exitCode === null && running.child.signalCode === null)
      await once(running.child, 'exit');
  };
  const stop = async (signal: NodeJS.Signals = 'SIGTERM') => {
    running.child.kill(signal);
    await ended();
    return running.child.exitCode;
  };
  const kill9 = async () => {
    killGroup(running.pid);
    await ended();
    await closed(running.url);
  };
  const dispose = async () => {
    await kill9();
    groups.delete(running.pid);
    forget();
  };

  return {
    get url() {
      return running.url;
    },
    get pid() {
      return running.pid;
    },
    get adminKey() {
      return options.env?.POSTHORN_ADMIN_KEY ?? readFileSync(join(dataDir, 'admin-key'), 'utf8').trim();
    },
    dataDir,
    logs: () => logs,
    stop,
    kill9,
    async killHost9() {
      running.child.kill('SIGKILL');
      await ended();
    },
    async restart(changed = {}) {
      await stop();
      env = { ...env, ...changed, PORT: new URL(running.url).port };
      // The orphaned workerd of the former host, if any, is still in its group.
      const former = running.pid;
      running = await launch(env, options.args ?? [], log);
      groups.delete(former);
    },
    dispose,
    [Symbol.asyncDispose]: dispose,
  };
}

/** For starts that must fail: resolves when the process ends. */
export async function startRefused(env: Readonly<Record<string, string>>): Promise<Refusal> {
  let logs = '';
  const child = spawnStart(env, [], (text) => {
    logs += text;
  });
  const timer = setTimeout(() => {
    killGroup(child.pid ?? 0);
  }, READY_WITHIN_MS);
  await once(child, 'close');
  clearTimeout(timer);
  return { exitCode: child.exitCode, logs };
}

interface Running {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly url: string;
}

async function launch(
  env: Readonly<Record<string, string>>,
  args: readonly string[],
  log: (text: string) => void,
): Promise<Running> {
  let logs = '';
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const child = spawnStart(env, args, (text) => {
    log(text);
    logs += text;
    const [, url] = READY.exec(logs) ?? [];
    if (url !== undefined) resolve(url);
  });
  const { pid } = child;
  if (pid === undefined) throw new Error('the relay does not start');
  const timer = setTimeout(() => {
    reject(new Error(`the relay is not ready within ${READY_WITHIN_MS} ms:\n${logs}`));
  }, READY_WITHIN_MS);
  child.once('close', (exitCode) => {
    reject(new Error(`the relay ended with ${exitCode ?? 'a signal'} before it was ready:\n${logs}`));
  });
  try {
    return { child, pid, url: await promise };
  } catch (error) {
    killGroup(pid);
    groups.delete(pid);
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

function spawnStart(
  env: Readonly<Record<string, string>>,
  args: readonly string[],
  log: (text: string) => void,
): ChildProcess {
  const child = spawn(join(ROOT, 'node_modules', '.bin', 'node'), ['scripts/start.ts', ...args], {
    cwd: ROOT,
    env: { ...process.env, ...env },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (child.pid !== undefined) groups.add(child.pid);
  child.stdout.setEncoding('utf8').on('data', log);
  child.stderr.setEncoding('utf8').on('data', log);
  return child;
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Already gone.
  }
}

/** A dead process frees its port a moment later: ask until the connection is refused. */
async function closed(url: string): Promise<void> {
  const { hostname, port } = new URL(url);
  const deadline = Date.now() + CLOSED_WITHIN_MS;
  while (await accepts(hostname, Number(port))) {
    if (Date.now() > deadline) throw new Error(`${url} is still served`);
    await sleep(10);
  }
}

async function accepts(host: string, port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect(port, host);
  socket.once('connect', () => {
    resolve(true);
  });
  socket.once('error', () => {
    resolve(false);
  });
  const open = await promise;
  socket.destroy();
  return open;
}
