/**
 * The Worker as wrangler would deploy it, and its console. Bundling takes two seconds, so the result is kept; wrangler
 * itself is loaded only when there is something to bundle.
 */
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { ROOT, buildCache, filesBelow, hashOf, kept } from './build-cache.ts';
import { builtConsole } from './console-build.ts';
import { StartProblem } from './start-problem.ts';

const CONFIG = join(ROOT, 'wrangler.toml');
const RELAY = join(ROOT, 'src', 'index.ts');

/** What of wrangler.toml a local relay needs. */
export interface WorkerConfig {
  readonly name: string;
  readonly compatibilityDate: string;
  readonly compatibilityFlags: readonly string[];
  readonly vars: Readonly<Record<string, string>>;
  readonly kvBindings: readonly string[];
  /** Binding → class. */
  readonly durableObjects: Readonly<Record<string, string>>;
  readonly rateLimits: readonly RateLimit[];
}

export interface RateLimit {
  readonly name: string;
  readonly namespace_id: string;
  readonly simple: { readonly limit: number; readonly period: 10 | 60 };
}

/** wrangler's own type refers to a package that it bundles, so it says nothing here. */
interface WranglerConfig {
  readonly name?: string;
  readonly compatibility_date?: string;
  readonly compatibility_flags: readonly string[];
  readonly vars: Readonly<Record<string, unknown>>;
  readonly kv_namespaces: readonly { readonly binding: string }[];
  readonly durable_objects: {
    readonly bindings: readonly { readonly name: string; readonly class_name: string }[];
  };
  readonly ratelimits: readonly RateLimit[];
}

export interface Bundle {
  readonly config: WorkerConfig;
  readonly modulesFolder: string;
  readonly mainModule: string;
  readonly consoleFolder: string;
}

/** `entry`: the Worker's main file, where it is not the relay's own. */
export async function bundle(dataFolder: string, entry = RELAY): Promise<Bundle> {
  const cache = await buildCache(join(dataFolder, 'bundle'));
  // Before the Worker: wrangler would build it once more.
  const consoleFolder = await builtConsole(cache);
  const folder = await kept(cache, await inputsHash(resolve(entry)), (aside) => build(aside, entry));
  return {
    config: await readConfig(folder),
    modulesFolder: join(folder, 'modules'),
    mainModule: `${basename(entry, '.ts')}.js`,
    consoleFolder,
  };
}

async function readConfig(folder: string): Promise<WorkerConfig> {
  try {
    return JSON.parse(await readFile(join(folder, 'config.json'), 'utf8')) as WorkerConfig;
  } catch {
    throw new StartProblem(`the bundle in ${folder} has no config.json; remove the folder and start again`);
  }
}

async function build(folder: string, entry: string): Promise<void> {
  const [config] = await Promise.all([wranglerConfig(), wranglerBundle(entry, join(folder, 'modules'))]);
  await writeFile(join(folder, 'config.json'), JSON.stringify(config, null, 2));
}

async function wranglerBundle(entry: string, outdir: string): Promise<void> {
  const wrangler = join(ROOT, 'node_modules', 'wrangler', 'bin', 'wrangler.js');
  const args = [wrangler, 'deploy', entry, '--dry-run', '--config', CONFIG, '--outdir', outdir];
  try {
    await promisify(execFile)(process.execPath, args, {
      cwd: ROOT,
      env: { ...process.env, WRANGLER_SEND_METRICS: 'false', WRANGLER_HIDE_BANNER: 'true' },
    });
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new StartProblem(`the Worker does not bundle:\n${stdout}${stderr}`);
  }
}

async function wranglerConfig(): Promise<WorkerConfig> {
  const { unstable_readConfig: readWranglerConfig } = await import('wrangler');
  const config = readWranglerConfig({ config: CONFIG }, { hideWarnings: true }) as WranglerConfig;
  return {
    name: config.name ?? 'posthorn',
    compatibilityDate: config.compatibility_date ?? '',
    compatibilityFlags: config.compatibility_flags,
    vars: Object.fromEntries(Object.entries(config.vars).map(([name, value]) => [name, String(value)])),
    kvBindings: config.kv_namespaces.map((namespace) => namespace.binding),
    durableObjects: Object.fromEntries(
      config.durable_objects.bindings.map((binding) => [binding.name, binding.class_name]),
    ),
    rateLimits: config.ratelimits,
  };
}

async function inputsHash(entry: string): Promise<string> {
  return hashOf([
    ...(await filesBelow(join(ROOT, 'src'))),
    entry,
    CONFIG,
    join(ROOT, 'package.json'),
    join(ROOT, 'package-lock.json'),
    fileURLToPath(import.meta.url),
  ]);
}
