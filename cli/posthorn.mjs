#!/usr/bin/env node
/**
 * The command `posthorn`: starts main.ts on a Node that takes TypeScript as it is. That is the one that runs this, from
 * 22.18 on, or the pinned one of node_modules. Plain JavaScript for Node 20.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import module from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Beside the dependencies: in a folder that all users share, another one could put code of theirs in. */
const COMPILED = fileURLToPath(new URL('../node_modules/.cache/posthorn-cli', import.meta.url));

if (process.features.typescript) {
  // Stripping types and compiling take longer than all else that a short command does.
  module.enableCompileCache?.(COMPILED);
  await import('./main.ts');
} else {
  startPinned();
}

function startPinned() {
  const bin = fileURLToPath(new URL('../node_modules/node/bin', import.meta.url));
  const pinned = ['node', 'node.exe'].map((name) => join(bin, name)).find((file) => existsSync(file));
  if (pinned === undefined) {
    console.error('posthorn: needs Node 22.18 or newer, or `npm ci` in the clone, which brings one.');
    process.exit(1);
  }
  const main = fileURLToPath(new URL('main.ts', import.meta.url));
  const child = spawn(pinned, [main, ...process.argv.slice(2)], {
    stdio: 'inherit',
    env: { NODE_COMPILE_CACHE: COMPILED, ...process.env },
  });
  // A terminal sends its signals to both; whoever signals this one alone means that one.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    console.error(`posthorn: ${error.message}`);
    process.exit(1);
  });
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? (signal === 'SIGINT' ? 130 : 1);
  });
}
