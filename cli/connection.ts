/**
 * Which relay a command talks to, and with which key: what its options say, else the environment, else `login`, else
 * the relay that `npm start` runs in this clone. A key goes to no other relay than the one it was given for.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { usage } from './exit.ts';
import { readLogin } from './login-file.ts';

export interface ConnectionOptions {
  readonly relay?: string | undefined;
  readonly key?: string | undefined;
  readonly tenant?: string | undefined;
}

export interface Connection {
  readonly url: string;
  readonly key: string | undefined;
  readonly tenant: string | undefined;
  /** Said where neither options nor environment name the key. */
  readonly note: string | null;
}

const CLONE = join(import.meta.dirname, '..');
const LOOPBACK = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/;

export function connectionOf(options: ConnectionOptions, env: NodeJS.ProcessEnv): Connection {
  const login = readLogin(env);
  const url = checkedUrl(options.relay ?? given(env.POSTHORN_URL) ?? login?.url ?? cloneUrl(env));
  const tenant = options.tenant ?? (login !== null && sameRelay(login.url, url) ? login.tenant : undefined);
  const key = options.key ?? given(env.POSTHORN_KEY);
  if (key !== undefined) return { url, key, tenant, note: null };
  if (login !== null && sameRelay(login.url, url)) return { url, key: login.key, tenant, note: null };
  const admin = LOOPBACK.test(new URL(url).hostname) ? adminKey(env) : null;
  if (admin === null) return { url, key: undefined, tenant, note: null };
  return { url, key: admin.key, tenant, note: `Using the admin key in ${admin.file}.` };
}

/** Of the environment, where an empty text says nothing. */
export function given(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}

function sameRelay(one: string, other: string): boolean {
  return URL.canParse(one) && new URL(one).href === new URL(other).href;
}

export function checkedUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw usage(`The relay: expected a URL such as https://relay.example.com, got ${text}`);
  }
  return url.href;
}

function cloneUrl(env: NodeJS.ProcessEnv): string {
  return `http://127.0.0.1:${given(env.PORT) ?? '8787'}`;
}

function adminKey(env: NodeJS.ProcessEnv): { key: string; file: string } | null {
  const fromEnv = given(env.POSTHORN_ADMIN_KEY);
  if (fromEnv !== undefined) return { key: fromEnv, file: 'POSTHORN_ADMIN_KEY' };
  const file = join(given(env.POSTHORN_DATA) ?? join(CLONE, '.posthorn'), 'admin-key');
  if (!existsSync(file)) return null;
  return { key: readFileSync(file, 'utf8').trim(), file };
}
