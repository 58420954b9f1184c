/**
 * The relay's settings: environment text in, checked values out, every problem at once and by name.
 * Refuses to guess: a value that is not understood is a problem, never a default. Prints no value.
 */

import { KEY_RING_RULE, readKeyRing, type KeyRing } from './core/sealing.ts';
import type { TargetPolicy } from './core/target.ts';

/** Each with those before it. */
export const LOG_LEVELS = ['error', 'warn', 'info'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export const JURISDICTIONS = ['eu', 'us', 'fedramp'] as const;
export type Jurisdiction = (typeof JURISDICTIONS)[number];

export interface Settings {
  /** Base of inbound URLs without a trailing slash; null: the origin of the request that asks. */
  readonly publicUrl: string | null;
  /** Hosts (`name` or `name:port`) that are this relay, besides the host of a request. */
  readonly ownHosts: readonly string[];
  /** Does Cloudflare stand in front, and say in `cf-connecting-ip` who calls? Any client could where it does not. */
  readonly isBehindCloudflare: boolean;
  readonly defaultJurisdiction: Jurisdiction | null;
  readonly targetPolicy: TargetPolicy;
  readonly retentionDays: number;
  readonly heldDays: number;
  /** How long it stays on record who changed what. */
  readonly auditDays: number;
  readonly maxBodyBytes: number;
  readonly logMaxBytes: number;
  readonly hookMaxBytes: number;
  /** Of one tenant at a time. */
  readonly maxHooks: number;
  readonly maxSources: number;
  readonly maxKeys: number;
  readonly keyRequestsPerMinute: number;
}

/** With its envelope an event has at most core/stored-size.ts says. */
const MAX_BODY_BYTES_LIMIT = 1_600_000;
const ADMIN_KEY_MIN_CHARACTERS = 32;

type SettingName =
  | 'PUBLIC_URL'
  | 'LISTENING_ON'
  | 'TRACE_REQUESTS'
  | 'HOLD_DELIVERIES'
  | 'DEFAULT_JURISDICTION'
  | 'TARGET_POLICY'
  | 'RETENTION_DAYS'
  | 'HELD_DAYS'
  | 'AUDIT_DAYS'
  | 'MAX_BODY_BYTES'
  | 'LOG_MAX_BYTES'
  | 'HOOK_MAX_BYTES'
  | 'MAX_HOOKS'
  | 'MAX_SOURCES'
  | 'MAX_KEYS'
  | 'KEY_REQUESTS_PER_MINUTE'
  | 'LOG_LEVEL'
  | 'POSTHORN_ADMIN_KEY'
  | 'POSTHORN_SECRETS_KEY';

export type SettingsEnv = Readonly<Partial<Record<SettingName, string>>>;

export interface SettingProblem {
  readonly name: SettingName;
  readonly expected: string;
}

export type SettingsReading =
  | { readonly ok: true; readonly settings: Settings; readonly adminKey: string }
  | { readonly ok: false; readonly problems: readonly SettingProblem[] };

/** Checks every setting. An empty text counts as unset, as `wrangler.toml` has no way to leave a var out. */
export function readSettings(env: SettingsEnv): SettingsReading {
  const problems: SettingProblem[] = [];
  const text = (name: SettingName) => (env[name] ?? '').trim();

  const integer = (name: SettingName, fallback: number, min: number, max: number) => {
    const value = text(name);
    if (value === '') return fallback;
    const number = /^\d{1,15}$/.test(value) ? Number(value) : NaN;
    if (number >= min && number <= max) return number;
    problems.push({ name, expected: `a whole number from ${min} to ${max}` });
    return fallback;
  };
  const oneOf = <T extends string>(name: SettingName, choices: readonly T[]): T | null => {
    const value = text(name);
    if (value === '') return null;
    const choice = choices.find((candidate) => candidate === value);
    if (choice === undefined) problems.push({ name, expected: `one of ${choices.join(', ')}` });
    return choice ?? null;
  };

  const urls = text('PUBLIC_URL')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map(baseUrl);
  if (urls.includes(null)) {
    problems.push({
      name: 'PUBLIC_URL',
      expected: 'http(s) URLs without path, query or credentials, separated by commas',
    });
  }
  const bases = urls.filter((url) => url !== null);

  // Told by the host of a local relay, which knows it; not a setting of the operator's. Like TRACE_REQUESTS and
  // HOLD_DELIVERIES, which it sets when workerd dies again and again.
  const listeningOn = text('LISTENING_ON')
    .split(',')
    .filter((host) => URL.canParse(`http://${host}`));

  const adminKey = env.POSTHORN_ADMIN_KEY ?? '';
  if (adminKey.length < ADMIN_KEY_MIN_CHARACTERS) {
    problems.push({
      name: 'POSTHORN_ADMIN_KEY',
      expected: `a secret of at least ${ADMIN_KEY_MIN_CHARACTERS} characters`,
    });
  }

  if (keyRingOf(env) === null) problems.push({ name: 'POSTHORN_SECRETS_KEY', expected: KEY_RING_RULE });

  // Read by log.ts, which every part of the relay calls; here it is only checked.
  oneOf('LOG_LEVEL', LOG_LEVELS);

  const settings: Settings = {
    publicUrl: bases[0]?.origin ?? null,
    ownHosts: [...bases.map((url) => url.host), ...listeningOn],
    isBehindCloudflare: listeningOn.length === 0,
    defaultJurisdiction: oneOf('DEFAULT_JURISDICTION', JURISDICTIONS),
    targetPolicy: oneOf('TARGET_POLICY', ['public', 'any']) ?? 'public',
    retentionDays: integer('RETENTION_DAYS', 30, 1, 3650),
    heldDays: integer('HELD_DAYS', 60, 1, 3650),
    auditDays: integer('AUDIT_DAYS', 365, 1, 36_500),
    maxBodyBytes: integer('MAX_BODY_BYTES', 1_048_576, 1, MAX_BODY_BYTES_LIMIT),
    logMaxBytes: integer('LOG_MAX_BYTES', 8_000_000_000, 1_000_000, 9_500_000_000),
    hookMaxBytes: integer('HOOK_MAX_BYTES', 4_000_000_000, 1_000_000, 9_500_000_000),
    maxHooks: integer('MAX_HOOKS', 10_000, 1, 1_000_000),
    maxSources: integer('MAX_SOURCES', 1_000, 1, 100_000),
    maxKeys: integer('MAX_KEYS', 1_000, 1, 100_000),
    keyRequestsPerMinute: integer('KEY_REQUESTS_PER_MINUTE', 60_000, 1, 100_000_000),
  };
  return problems.length === 0 ? { ok: true, settings, adminKey } : { ok: false, problems };
}

function baseUrl(text: string): URL | null {
  const url = URL.parse(text);
  const plain =
    url !== null &&
    (url.protocol === 'https:' || url.protocol === 'http:') &&
    url.pathname === '/' &&
    url.search === '' &&
    url.hash === '' &&
    url.username === '' &&
    url.password === '';
  return plain ? url : null;
}

const readings = new WeakMap<SettingsEnv, SettingsReading>();

/** The same, checked once for the life of an isolate or object. */
export function settingsOf(env: SettingsEnv): SettingsReading {
  let reading = readings.get(env);
  if (reading === undefined) readings.set(env, (reading = readSettings(env)));
  return reading;
}

const keyRings = new WeakMap<SettingsEnv, { readonly ring: KeyRing | null }>();

/** By which secrets are sealed in storage. Null: the setting is wrong; then nothing may be opened or kept. */
export function keyRingOf(env: SettingsEnv): KeyRing | null {
  let read = keyRings.get(env);
  if (read === undefined) keyRings.set(env, (read = { ring: readKeyRing(env.POSTHORN_SECRETS_KEY ?? '') }));
  return read.ring;
}
