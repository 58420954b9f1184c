/**
 * `npm start`: the relay on Miniflare, with its storage in a folder. Told by the environment: PORT, HOST, POSTHORN_DATA,
 * POSTHORN_ADMIN_KEY, POSTHORN_SECRETS_KEY and every setting of the Worker. Prints one line when it is ready; ends cleanly on SIGTERM.
 * An argument names another main file for the Worker: the benchmarks have some.
 */
import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { readSettings } from '../src/settings.ts';
import { type AdminKey, adminKey } from './relay/admin-key.ts';
import { bundle } from './relay/bundle.ts';
import { GIVE_UP_NOTICE, holdNotice } from './relay/crash-watch.ts';
import { launcher, whenGone } from './relay/launcher.ts';
import { lockDataFolder } from './relay/lock.ts';
import { baseUrl, readOptions, reachableHost } from './relay/options.ts';
import { endOrphans } from './relay/orphans.ts';
import { closeContents, privateFolder } from './relay/private-folder.ts';
import { secretsKey } from './relay/secrets-key.ts';
import { Runtime, STOP_SIGNALS } from './relay/runtime.ts';
import { StartProblem } from './relay/start-problem.ts';

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
  const dataFolder = privateFolder(options.dataFolder);
  const lock = lockDataFolder(dataFolder);
  const key = adminKey(process.env, dataFolder);

  const built = await bundle(dataFolder, process.argv[2]);
  const vars = workerVars(built.config.vars, key, secretsKey(process.env, dataFolder));
  for (const pid of await endOrphans(dataFolder)) {
    console.error(`posthorn: ended workerd ${pid}, left over from an earlier relay on ${dataFolder}`);
  }

  // From here on, also for workerd. Bundles are kept beside the dependencies, which other users may share.
  process.umask(0o077);
  closeContents(dataFolder);
  // Miniflare's scratch files would outlive a kill -9 in the system's folder; here the next start clears them.
  const scratch = join(dataFolder, 'tmp');
  rmSync(scratch, { recursive: true, force: true });
  mkdirSync(scratch);
  process.env.TMPDIR = scratch;
  // Old builds are forgotten; this relay serves its files for as long as it runs.
  const consoleFolder = join(scratch, 'console');
  cpSync(built.consoleFolder, consoleFolder, { recursive: true });
  // A copy has the modes of what it was made from.
  closeContents(scratch);

  const runtime = new Runtime(options, dataFolder, { ...built, consoleFolder }, vars, {
    lost: () => {
      stop(1);
    },
    held: (suspects) => {
      console.error(holdNotice(suspects, baseUrl(reachableHost(options.host), runtime.port), key.shell));
    },
    gaveUp: () => {
      console.error(GIVE_UP_NOTICE);
      stop(1);
    },
  });
  const stopping = new AbortController();
  const stop = (exitCode: number) => {
    if (stopping.signal.aborted) return;
    stopping.abort();
    void runtime.stop().finally(() => {
      lock.release();
      process.exit(exitCode);
    });
  };
  for (const signal of STOP_SIGNALS) {
    process.on(signal, () => {
      stop(0);
    });
  }
  if (startedBy !== null) {
    whenGone(startedBy, () => {
      stop(0);
    });
  }

  const port = await runtime.start();
  const problem = await healthProblem(baseUrl(reachableHost(options.host), port));
  if (stopping.signal.aborted) return;
  if (problem !== null) {
    console.error(`posthorn: the relay does not work: ${problem}`);
    stop(1);
    return;
  }
  announce(baseUrl(options.host, port), vars.TARGET_POLICY ?? '', key);
}

/**
 * Every var of wrangler.toml can be set from the environment. A local relay may post to this machine, and says what it
 * does.
 */
function workerVars(
  defaults: Readonly<Record<string, string>>,
  key: AdminKey,
  secretsKeyText: string,
): Record<string, string> {
  const vars: Record<string, string> = { ...defaults, TARGET_POLICY: 'any', LOG_LEVEL: 'info' };
  for (const name of Object.keys(defaults)) {
    const given = process.env[name];
    if (given !== undefined && given !== '') vars[name] = given;
  }
  vars.POSTHORN_ADMIN_KEY = key.value;
  vars.POSTHORN_SECRETS_KEY = secretsKeyText;
  const reading = readSettings(vars);
  if (!reading.ok) {
    throw new StartProblem(
      reading.problems.map(({ name, expected }) => `${name}: expected ${expected}`).join('\n'),
    );
  }
  return vars;
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
      `console: ${url}/console`,
      `next: curl ${url}/v1/sources -H "authorization: Bearer ${key.shell}" \\`,
      `        --json '{"provider":"superoffice","name":"first"}'`,
    ].join('\n'),
  );
}
