/** Real provider bodies from the folder of samples, read once by vitest.config.ts and handed to every project. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import type { SampleFiles } from './samples.ts';

const FOLDER =
  process.env.POSTHORN_SAMPLES ?? join(import.meta.dirname, '..', '..', '..', 'shared', 'samples');

export function readSampleFiles(): SampleFiles {
  let entries;
  try {
    entries = readdirSync(FOLDER, { recursive: true, withFileTypes: true });
  } catch {
    return null;
  }
  return Object.fromEntries(
    entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
      .map((file) => [relative(FOLDER, file).split(sep).join('/'), readFileSync(file).toString('base64')]),
  );
}
