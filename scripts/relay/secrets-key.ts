/**
 * The key under which a local relay encrypts secrets in storage: from the environment, else made once and kept in the data
 * folder. Never made where something is encrypted under another one: that one has to come back.
 */
import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { SEAL_MARK } from '../../src/core/sealing.ts';
import { keptText } from './kept-text.ts';

const FILE = 'secrets-key';
const PIECE_BYTES = 1 << 20;

/** '': none was given, and none may be made. */
export function secretsKey(env: NodeJS.ProcessEnv, dataFolder: string): string {
  const given = env.POSTHORN_SECRETS_KEY;
  if (given !== undefined && given !== '') return given;
  const file = join(dataFolder, FILE);
  return keptText(file, () =>
    hasEncrypted(join(dataFolder, 'state')) ? null : randomBytes(32).toString('base64'),
  );
}

/** Looks through all files, once: only where there is no key. */
function hasEncrypted(folder: string): boolean {
  if (!existsSync(folder)) return false;
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile() && fileHolds(join(entry.parentPath, entry.name), SEAL_MARK)) return true;
  }
  return false;
}

function fileHolds(path: string, text: string): boolean {
  const mark = Buffer.from(text);
  const piece = Buffer.alloc(PIECE_BYTES + mark.length);
  const file = openSync(path, 'r');
  try {
    for (let at = 0; ; at += PIECE_BYTES) {
      const bytes = readSync(file, piece, 0, piece.length, at);
      if (piece.subarray(0, bytes).includes(mark)) return true;
      if (bytes < piece.length) return false;
    }
  } finally {
    closeSync(file);
  }
}
