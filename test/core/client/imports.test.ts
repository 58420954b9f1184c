/** The client runs wherever there are fetch, WebSocket and URL: it needs nothing else, and brings nothing along. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { stripTypeScriptTypes } from 'node:module';
import { expect, it } from 'vitest';

const FOLDER = join(import.meta.dirname, '..', '..', '..', 'client');
const files = readdirSync(FOLDER);

function codeOf(file: string): string {
  return stripTypeScriptTypes(readFileSync(join(FOLDER, file), 'utf8'));
}

it.each(files)('%s imports nothing at run time but the client’s own files', (file) => {
  const imported = [...codeOf(file).matchAll(/(?<![\w/])(?:from|import)\s*\(?'([^']+)'/g)].map(
    ([, name]) => name,
  );
  expect(imported.filter((name) => !/^\.\/[\w-]+\.ts$/.test(name ?? ''))).toEqual([]);
});

it.each(files)('%s names nothing that only Node has', (file) => {
  expect(codeOf(file)).not.toMatch(/\b(?:process|Buffer|require|__dirname|global|setImmediate)\b(?!['’])/);
});
