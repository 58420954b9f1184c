/**
 * `npm start`: the relay on Miniflare, with its storage in a folder. Told by the environment: PORT, HOST, POSTHORN_DATA,
 * POSTHORN_ADMIN_KEY and every setting of the Worker. Prints one line when it is ready; ends cleanly on SIGTERM.
 * An argument names another main file for the Worker: the benchmarks have some.
 */
import { mkdirSync, realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Miniflare, MiniflareCoreError } from 'miniflare';
import { readSettings } from '../src/settings.ts';
import { type AdminKey, adminKey } from './relay/admin-key.ts';
import { bundle } from './relay/bundle.ts';
import { launcher, whenGone } from './relay/launcher.ts';
import { lockDataFolder } from './relay/lock.ts';
import { baseUrl, readOptions, reachableHost } from './relay/options.ts';
import { endOrphans, workerdMark } from './relay/orphans.ts';
import { RelayLog } from './relay/relay-log.ts';
import { StartProblem } from './relay/start-problem.ts';
import { miniflareWorker } from './relay/worker.ts';

// A relay outlives the pipe it writes to: who started it may be gone.
process.stdout.on('error', () => undefined);
process.stderr.on('error', () => undefined);

try {
  await start();
} catch (error) {
  console.error(`posthorn: ${error instanceof StartProblem ? error.message : String(error)}`);
  process.exit(1);
}

async function start(): Promise<void> {
  const startedBy = launcher();
  const options = readOptions(process.env);
  const dataFolder = ownedFolder(options.dataFolder);
  const lock = lockDataFolder(dataFolder);
  const key = adminKey(process.env, dataFolder);

  const built = await bundle(dataFolder, process.argv[2]);
  const vars = workerVars(built.config.vars, key);
  for (const pid of await endOrphans(dataFolder)) {
    console.error(`posthorn: ended workerd ${pid}, left over from an earlier relay on ${dataFolder}`);
  }

  // Miniflare's scratch files would outlive a kill -9 in the system's folder; here the next start clears them.
  const scratch = join(dataFolder, 'tmp');
  rmSync(scratch, { recursive: true, force: true });
  mkdirSync(scratch);
  process.env.TMPDIR = scratch;

  const miniflare = new Miniflare({
    host: options.host,
    port: options.port,
    cf: false,
    telemetry: { enabled: false },
    enableDevRegistry: false,
    logRequests: false,
    log: new RelayLog(() => {
      stop(1);
    }),
    resourcePersistencePath: join(dataFolder, 'state'),
    unsafeRuntimeEnv: workerdMark(dataFolder),
    workers: [await miniflareWorker(built, vars)],
  });
  const stopping = new AbortController();
  const stop = (exitCode: number) => {
    if (stopping.signal.aborted) return;
    stopping.abort();
    void miniflare.dispose().finally(() => {
      lock.release();
      process.exit(exitCode);
    });
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    // Miniflare's own handlers exit at once with 128 + n.
    process.removeAllListeners(signal);
    process.on(signal, () => {
      stop(0);
    });
  }
  if (startedBy !== null) {
    whenGone(startedBy, () => {
      stop(0);
    });
  }

  const port = await listeningPort(miniflare, options.host, options.port);
  const problem = await healthProblem(baseUrl(reachableHost(options.host), port));
  if (stopping.signal.aborted) return;
  if (problem !== null) {
    console.error(`posthorn: the relay does not work: ${problem}`);
    stop(1);
    return;
  }
  announce(baseUrl(options.host, port), vars.TARGET_POLICY ?? '', key);
}

/** The folder's real path: it is how a later start knows the workerd of this one. */
function ownedFolder(path: string): string {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  return realpathSync(path);
}

/** Every var of wrangler.toml can be set from the environment. A local relay may post to this machine. */
function workerVars(defaults: Readonly<Record<string, string>>, key: AdminKey): Record<string, string> {
  const vars: Record<string, string> = { ...defaults, TARGET_POLICY: 'any' };
  for (const name of Object.keys(defaults)) {
    const given = process.env[name];
    if (given !== undefined && given !== '') vars[name] = given;
  }
  vars.POSTHORN_ADMIN_KEY = key.value;
  const reading = readSettings(vars);
  if (!reading.ok) {
    throw new StartProblem(
      reading.problems.map(({ name, expected }) => `${name}: expected ${expected}`).join('\n'),
    );
  }
  return vars;
}

async function listeningPort(miniflare: Miniflare, host: string, port: number): Promise<number> {
  try {
    return Number((await miniflare.ready).port);
  } catch (error) {
    if (error instanceof MiniflareCoreError && error.code === 'ERR_ADDRESS_IN_USE') {
      throw new StartProblem(
        `${host}:${port} is in use; stop what listens there, or set PORT (0: any free port)`,
      );
    }
    throw error;
  }
}

async function healthProblem(url: string): Promise<string | null> {
  try {
    const response = await fetch(`${url}/healthz`);
    const text = await response.text();
    return response.status === 200 ? null : `GET /healthz answers ${response.status} ${text.trim()}`;
  } catch (error) {
    return `GET /healthz fails: ${String(error)}`;
  }
}

function announce(url: string, targetPolicy: string, key: AdminKey): void {
  // One write: who waits for the first line finds the others there too.
  console.log(
    [
      `posthorn listening on ${url}`,
      `admin key: ${key.place}`,
      `target policy: ${targetPolicy}`,
      `next: curl ${url}/v1/sources -H "authorization: Bearer ${key.shell}" \\`,
      `        --json '{"provider":"superoffice","name":"first"}'`,
    ].join('\n'),
  );
}
