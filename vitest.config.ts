import { join } from 'node:path';
import { cloudflareTest } from '@cloudflare/vitest-plugin';
import { defineConfig } from 'vitest/config';
import { TEST_ADMIN_KEY } from './test/support/admin-key.ts';
import { readSampleFiles } from './test/support/sample-files.ts';
import { readSwaggerFiles } from './test/support/swagger-files.ts';

const provide = { samples: readSampleFiles(), swaggers: readSwaggerFiles() };
/** The same for all projects, so that their files share them. A file of e2e runs relays of its own: a process and a workerd each. */
const MAX_WORKERS = 2;
/** No test waits this long; a machine with other things to do may. */
const TEST_TIMEOUT_MS = 30_000;

export default defineConfig({
  test: {
    projects: [
      {
        // Objects that a test runs in Node: see test/support/engine.ts.
        resolve: {
          alias: { 'cloudflare:workers': join(import.meta.dirname, 'test/support/cloudflare-workers.ts') },
        },
        test: {
          name: 'core',
          environment: 'node',
          include: ['test/core/**/*.test.ts', 'test/providers/**/*.test.ts'],
          testTimeout: TEST_TIMEOUT_MS,
          maxWorkers: MAX_WORKERS,
          provide,
        },
      },
      {
        plugins: [
          cloudflareTest({
            main: './test/objects/worker.ts',
            wrangler: { configPath: './wrangler.toml' },
            miniflare: {
              bindings: { TARGET_POLICY: 'any', POSTHORN_ADMIN_KEY: TEST_ADMIN_KEY, LOG_LEVEL: 'error' },
            },
          }),
        ],
        test: {
          name: 'objects',
          include: ['test/objects/**/*.test.ts', 'test/http/**/*.test.ts'],
          globalSetup: ['test/support/mailbox-server.ts'],
          testTimeout: TEST_TIMEOUT_MS,
          maxWorkers: MAX_WORKERS,
          // CommonJS that requires ES modules: only a bundler understands it.
          deps: { optimizer: { ssr: { enabled: true, include: ['itty-durable', 'rfc6902'] } } },
          provide,
        },
      },
      {
        test: {
          name: 'e2e',
          environment: 'node',
          include: ['test/e2e/**/*.test.ts'],
          provide,
          maxWorkers: MAX_WORKERS,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
