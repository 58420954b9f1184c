/** Where `login` keeps the relay and its key: one file of the user, which nobody else can read. */
import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

export interface Login {
  readonly url: string;
  readonly key: string;
  readonly tenant?: string;
}

export function loginFile(env: NodeJS.ProcessEnv): string {
  const config = env.XDG_CONFIG_HOME;
  const folder = config === undefined || config === '' ? join(homedir(), '.config') : config;
  return join(folder, 'posthorn', 'login.json');
}

/** null: nobody has logged in. */
export function readLogin(env: NodeJS.ProcessEnv): Login | null {
  let text: string;
  try {
    text = readFileSync(loginFile(env), 'utf8');
  } catch {
    return null;
  }
  const login = JSON.parse(text) as Partial<Login>;
  if (typeof login.url !== 'string' || typeof login.key !== 'string') return null;
  return login as Login;
}

export function writeLogin(env: NodeJS.ProcessEnv, login: Login): string {
  const file = loginFile(env);
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  // In one step, and never readable by others, not even where an older file was.
  const made = `${file}.${process.pid}`;
  writeFileSync(made, `${JSON.stringify(login, null, 2)}\n`, { mode: 0o600 });
  chmodSync(made, 0o600);
  renameSync(made, file);
  return file;
}

export function forgetLogin(env: NodeJS.ProcessEnv): string {
  const file = loginFile(env);
  rmSync(file, { force: true });
  return file;
}
