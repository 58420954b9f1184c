/**
 * What the relay prints: one JSON object a line, of one event of its life each. `npm start` shows them readably
 * (scripts/relay/readable-line.ts). Facts are ids, counts and outcomes: nothing that came in a body, a header or a URL, and
 * no credential.
 */
import { env } from 'cloudflare:workers';
import { LOG_LEVELS, type LogLevel, type SettingsEnv } from './settings.ts';

export type Facts = Readonly<Record<string, string | number | boolean | null | undefined>>;

const DEFAULT: LogLevel = 'warn';
let chosen: LogLevel | null = null;

/** To be asked before facts are gathered: at level `warn` an attempt is to cost nothing here. */
export function isLogged(level: LogLevel): boolean {
  chosen ??= LOG_LEVELS.find((one) => one === (env as SettingsEnv).LOG_LEVEL) ?? DEFAULT;
  return LOG_LEVELS.indexOf(level) <= LOG_LEVELS.indexOf(chosen);
}

/** `what` names the event and is one of few. */
export function logLine(level: LogLevel, what: string, facts: Facts): void {
  if (!isLogged(level)) return;
  console[level](JSON.stringify({ at: new Date().toISOString(), level, what, ...facts }));
}
