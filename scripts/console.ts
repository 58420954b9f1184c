/**
 * `npm run console`: builds the console into `console/dist`, where wrangler.toml has the Worker's static assets. wrangler
 * runs it before it bundles; nothing is done when the folder is up to date.
 */
import { cp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { ROOT, buildCache } from './relay/build-cache.ts';
import { builtConsole } from './relay/console-build.ts';

const TARGET = join(ROOT, 'console', 'dist');
/** Which build lies there; wrangler uploads no such file. */
const STAMP = '.assetsignore';

const built = await builtConsole(await buildCache(join(ROOT, '.wrangler', 'posthorn')));
const stamp = `# ${basename(built)}\n`;
const present = await readFile(join(TARGET, STAMP), 'utf8').catch(() => null);
if (present !== stamp) {
  // Aside first: somebody else may be reading it, or doing the same.
  const aside = `${TARGET}.${process.pid}`;
  await cp(built, aside, { recursive: true });
  await writeFile(join(aside, STAMP), stamp);
  await rm(TARGET, { recursive: true, force: true });
  await rename(aside, TARGET).catch(() => rm(aside, { recursive: true, force: true }));
}
