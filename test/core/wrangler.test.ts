/** wrangler.toml, as wrangler itself reads it. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { unstable_readConfig as readConfig } from 'wrangler';

/** wrangler's own type refers to a package that it bundles, so it says nothing here. */
const config = readConfig({ config: join(import.meta.dirname, '..', '..', 'wrangler.toml') }) as {
  readonly observability: unknown;
};

test('D14: the relay’s own logs are on; invocation logs, whose lines hold inbound tokens, are off', () => {
  expect(config.observability).toMatchObject({ enabled: true, logs: { invocation_logs: false } });
});
