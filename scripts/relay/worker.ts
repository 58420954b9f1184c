/** A bundle, its settings and the console's files as the one Worker of a Miniflare instance. */
import { readdir, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import type { MiniflareOptions } from 'miniflare';
import type { Bundle } from './bundle.ts';

type Worker = MiniflareOptions['workers'][number];
type Manifest = NonNullable<Worker['config']['manifest']>;
type Modules = Manifest['modules'];

export async function miniflareWorker(
  { config, modulesFolder, mainModule, consoleFolder }: Bundle,
  vars: Readonly<Record<string, string>>,
): Promise<Worker> {
  const env: NonNullable<Worker['config']['env']> = {};
  for (const [name, value] of Object.entries(vars)) env[name] = { type: 'text', value };
  for (const name of config.kvBindings) env[name] = { type: 'kv', id: name };
  for (const [name, exportName] of Object.entries(config.durableObjects)) {
    env[name] = { type: 'durable-object', worker: config.name, exportName };
  }
  for (const { name, namespace_id: namespace, simple } of config.rateLimits) {
    env[name] = { type: 'rate-limit', namespace, simple };
  }
  // workerd's own service of files: Miniflare's assets would put a Worker in front of the relay's.
  env.ASSETS = { type: 'disk', path: consoleFolder };
  return {
    config: {
      name: config.name,
      compatibilityDate: config.compatibilityDate,
      compatibilityFlags: [...config.compatibilityFlags],
      manifest: { mainModule, modules: await modules(modulesFolder) },
      env,
      exports: Object.fromEntries(
        Object.values(config.durableObjects).map((name) => [
          name,
          { type: 'durable-object' as const, storage: 'sqlite' as const },
        ]),
      ),
    },
  };
}

/** By the rules of wrangler: what an extension is imported as. */
async function modules(folder: string): Promise<Modules> {
  const found: Modules = {};
  for (const name of await readdir(folder)) {
    const file = join(folder, name);
    switch (extname(name)) {
      case '.js':
        found[name] = { type: 'esm', contents: await readFile(file, 'utf8') };
        break;
      case '.txt':
      case '.html':
      case '.sql':
        found[name] = { type: 'text', contents: await readFile(file, 'utf8') };
        break;
      default:
        // Source maps and wrangler's README.md are no modules.
        break;
    }
  }
  return found;
}
