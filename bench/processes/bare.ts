/** Hosts the bare Worker on Miniflare with the options of the local relay. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Miniflare } from 'miniflare';
import { workerdMark } from '../../scripts/relay/orphans.ts';
import { serve } from './call.ts';

const [persistencePath = ''] = process.argv.slice(2);
const contents = readFileSync(join(import.meta.dirname, '..', 'workers', 'bare.js'), 'utf8');

const CLASSES = ['Loop', 'Path', 'Spread'];

const miniflare = new Miniflare({
  host: '127.0.0.1',
  port: 0,
  cf: false,
  telemetry: { enabled: false },
  enableDevRegistry: false,
  logRequests: false,
  resourcePersistencePath: persistencePath,
  unsafeRuntimeEnv: workerdMark(persistencePath),
  workers: [
    {
      config: {
        name: 'bare',
        compatibilityDate: '2026-11-02',
        compatibilityFlags: ['nodejs_compat'],
        manifest: { mainModule: 'bare.js', modules: { 'bare.js': { type: 'esm', contents } } },
        env: Object.fromEntries(
          CLASSES.map((name) => [
            name.toUpperCase(),
            { type: 'durable-object', worker: 'bare', exportName: name },
          ]),
        ),
        exports: Object.fromEntries(
          CLASSES.map((name) => [name, { type: 'durable-object', storage: 'sqlite' }]),
        ),
      },
    },
  ],
});

const methods = {
  /** Its URL, once it answers. */
  async ready(): Promise<string> {
    return (await miniflare.ready).href;
  },
  async stop(): Promise<void> {
    await miniflare.dispose();
  },
};

export type BareMethods = typeof methods;

serve(methods);
