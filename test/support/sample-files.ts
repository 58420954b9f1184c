/**
 * Bodies as providers send them, read once by vitest.config.ts and handed to every project: our own of `test/fixtures`,
 * in the shapes that the providers document, and where there are any the recorded ones, in a folder beside the clone.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import type { SampleFiles } from './samples.ts';

const OWN = join(import.meta.dirname, '..', 'fixtures');
const RECORDED =
  process.env.POSTHORN_SAMPLES ?? join(import.meta.dirname, '..', '..', '..', 'shared', 'samples');

export function readSampleFiles(): SampleFiles {
  return { own: filesOf(OWN), recorded: existsSync(RECORDED) ? filesOf(RECORDED) : null };
}

/** Path under the folder → bytes in base64. */
function filesOf(folder: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
      .map((file) => [relative(folder, file).split(sep).join('/'), readFileSync(file).toString('base64')]),
  );
}
