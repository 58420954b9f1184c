/** The console as Vite builds it; Vite itself is loaded only when there is something to build. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { ROOT, filesBelow, hashOf, kept } from './build-cache.ts';
import { StartProblem } from './start-problem.ts';

const SOURCES = join(ROOT, 'console');

/** The folder with `index.html` and its files. */
export async function builtConsole(cache: string): Promise<string> {
  const files = [
    join(SOURCES, 'index.html'),
    join(SOURCES, 'vite.config.ts'),
    ...(await filesBelow(join(SOURCES, 'src'))),
    ...(await filesBelow(join(ROOT, 'client'))),
    // The checks of a form are those of the relay.
    ...(await filesBelow(join(ROOT, 'src', 'core'))),
    join(ROOT, 'package-lock.json'),
    fileURLToPath(import.meta.url),
  ];
  return kept(cache, `console-${await hashOf(files)}`, build);
}

async function build(folder: string): Promise<void> {
  const vite = join(ROOT, 'node_modules', 'vite', 'bin', 'vite.js');
  const args = [vite, 'build', SOURCES, '--outDir', folder, '--emptyOutDir', '--logLevel', 'warn'];
  try {
    await promisify(execFile)(process.execPath, args, { cwd: ROOT });
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new StartProblem(`the console does not build:\n${stdout}${stderr}`);
  }
}
