/**
 * The Worker as wrangler would deploy it. Bundling takes two seconds, so the result is kept under a hash of all that
 * goes into it; wrangler itself is loaded only when there is something to bundle.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { StartProblem } from './start-problem.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const CONFIG = join(ROOT, 'wrangler.toml');
const RELAY = join(ROOT, 'src', 'index.ts');
const KEPT_MS = 24 * 60 * 60 * 1000;

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
}

/** `entry`: the Worker's main file, where it is not the relay's own. */
export async function bundle(dataFolder: string, entry = RELAY): Promise<Bundle> {
  const cache = await writableFolder([
    join(ROOT, 'node_modules', '.cache', 'posthorn'),
    join(dataFolder, 'bundle'),
  ]);
  const folder = join(cache, await inputsHash(resolve(entry)));
  const config =
    (await readConfig(folder)) ?? (await build(cache, folder, entry).then(() => readConfig(folder)));
  if (config === null) throw new StartProblem(`the bundle in ${folder} has no config.json`);
  return {
    config,
    modulesFolder: join(folder, 'modules'),
    mainModule: `${basename(entry, '.ts')}.js`,
  };
}

async function readConfig(folder: string): Promise<WorkerConfig | null> {
  try {
    return JSON.parse(await readFile(join(folder, 'config.json'), 'utf8')) as WorkerConfig;
  } catch {
    return null;
  }
}

/** Built aside and renamed: two starts at once both find a whole bundle. */
async function build(cache: string, folder: string, entry: string): Promise<void> {
  const aside = `${folder}.${process.pid}`;
  const [config] = await Promise.all([wranglerConfig(), wranglerBundle(entry, join(aside, 'modules'))]);
  await writeFile(join(aside, 'config.json'), JSON.stringify(config, null, 2));
  try {
    await rename(aside, folder);
  } catch {
    // Another start was faster.
    await rm(aside, { recursive: true, force: true });
  }
  await forgetOld(cache);
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
  const sources = await readdir(join(ROOT, 'src'), { recursive: true, withFileTypes: true });
  const files = sources.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  files.push(
    entry,
    CONFIG,
    join(ROOT, 'package.json'),
    join(ROOT, 'package-lock.json'),
    fileURLToPath(import.meta.url),
  );
  const hash = createHash('sha256');
  for (const file of files.sort()) {
    const contents = await readFile(file);
    hash.update(`${file}\0${contents.length}\0`).update(contents);
  }
  return hash.digest('hex').slice(0, 32);
}

async function writableFolder(candidates: readonly [string, string]): Promise<string> {
  const [preferred, fallback] = candidates;
  try {
    await mkdir(preferred, { recursive: true });
    return preferred;
  } catch {
    // Dependencies installed by another user: the data folder is ours in any case.
    await mkdir(fallback, { recursive: true });
    return fallback;
  }
}

async function forgetOld(cache: string): Promise<void> {
  for (const name of await readdir(cache)) {
    const folder = join(cache, name);
    const changed = await stat(folder).catch(() => null);
    if (changed !== null && Date.now() - changed.mtimeMs > KEPT_MS)
      await rm(folder, { recursive: true, force: true });
  }
}
