/**
 * What is built from the sources is kept under a hash of all that goes into it, beside the dependencies: two starts at
 * once both find a whole build, and a start after nothing has changed builds nothing.
 */
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const KEPT_MS = 24 * 60 * 60 * 1000;

/** The folder of all builds. Dependencies installed by another user cannot hold it: then it is `fallback`. */
export async function buildCache(fallback: string): Promise<string> {
  const preferred = join(ROOT, 'node_modules', '.cache', 'posthorn');
  try {
    await mkdir(preferred, { recursive: true });
    return preferred;
  } catch {
    await mkdir(fallback, { recursive: true });
    return fallback;
  }
}

/** The folder `name` of the cache, built aside and renamed where it is not there yet. */
export async function kept(
  cache: string,
  name: string,
  build: (aside: string) => Promise<void>,
): Promise<string> {
  const folder = join(cache, name);
  if ((await stat(folder).catch(() => null)) !== null) return folder;
  const aside = `${folder}.${process.pid}`;
  await build(aside);
  try {
    await rename(aside, folder);
  } catch {
    // Another start was faster.
    await rm(aside, { recursive: true, force: true });
  }
  await forgetOld(cache);
  return folder;
}

export async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

export async function hashOf(files: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const file of files.toSorted()) {
    const contents = await readFile(file);
    hash.update(`${file}\0${contents.length}\0`).update(contents);
  }
  return hash.digest('hex').slice(0, 32);
}

async function forgetOld(cache: string): Promise<void> {
  for (const name of await readdir(cache)) {
    const folder = join(cache, name);
    const changed = await stat(folder).catch(() => null);
    if (changed !== null && Date.now() - changed.mtimeMs > KEPT_MS)
      await rm(folder, { recursive: true, force: true });
  }
}
