/** A line in a file of the data folder that is made once and then stays. */
import { readFileSync, writeFileSync } from 'node:fs';

/** The caller holds the folder's lock: nobody else writes the file meanwhile. '': `make` makes none. */
export function keptText(file: string, make: () => string | null): string {
  try {
    const kept = readFileSync(file, 'utf8').trim();
    if (kept !== '') return kept;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const made = make();
  if (made === null) return '';
  writeFileSync(file, `${made}\n`, { mode: 0o600 });
  return made;
}
