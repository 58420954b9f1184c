/** What `apply` keeps in `managedBy` of a registration: which file made it, and by which secrets it was last set. */
import { pbkdf2Sync } from 'node:crypto';
import { basename } from 'node:path';
import { usage } from '../exit.ts';

export interface Managed {
  /** `made`: by an apply of that file; it may be pruned by one. `uses`: it was there before. */
  readonly by: 'made' | 'uses';
  readonly file: string;
  /** null: it has no secrets in the file. */
  readonly fingerprint: string | null;
}

const MANAGED = /^(made|uses) (\S+)(?: (\S+))?$/;
const MAX_CHARACTERS = 128;
const FINGERPRINT_CHARACTERS = 16;
/** Slow on purpose: others can read it, and a password may be short. */
const ROUNDS = 100_000;

/** null: nobody's, or of another tool. */
export function readManaged(text: string | null): Managed | null {
  const [, by, file = '', fingerprint = null] = MANAGED.exec(text ?? '') ?? [];
  return by === undefined ? null : { by: by as Managed['by'], file: decodeURIComponent(file), fingerprint };
}

export function managedText({ by, file, fingerprint }: Managed): string {
  return [by, encodeURIComponent(file), ...(fingerprint === null ? [] : [fingerprint])].join(' ');
}

/** By its name alone: where it lies differs from machine to machine. */
export function nameOfFile(path: string): string {
  const name = basename(path);
  const longest = managedText({ by: 'made', file: name, fingerprint: 'x'.repeat(FINGERPRINT_CHARACTERS) });
  if (longest.length > MAX_CHARACTERS) throw usage(`The name ${name} is too long to be kept in the relay.`);
  return name;
}

/** Of secrets by their place; tells whether they are the same, and not what they are. */
export function fingerprintOf(whose: string, secrets: Readonly<Record<string, string>>): string | null {
  const sorted = Object.entries(secrets).sort(([a], [b]) => (a < b ? -1 : 1));
  if (sorted.length === 0) return null;
  const digest = pbkdf2Sync(JSON.stringify(sorted), `posthorn ${whose}`, ROUNDS, 32, 'sha256');
  return digest.toString('base64url').slice(0, FINGERPRINT_CHARACTERS);
}
