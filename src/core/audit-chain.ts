/**
 * The chain of the audit: each entry's hash is over the entry and the hash of the one before, so that none can be changed,
 * added or taken out unseen. Whoever has the entries can check it: docs/operate/audit.md says how.
 */
import { hash } from 'node:crypto';

/** Who did something, or read a secret. */
export interface Attribution {
  /** Id of a key, `admin` for the operator, `relay` for what the relay does by itself. */
  readonly actor: string;
  /** The address that the call came from; null: nobody says who can be believed. */
  readonly from: string | null;
  /** Method and path. */
  readonly call: string;
}

/** An entry as it is hashed and as the API shows it. */
export interface AuditEntry extends Attribution {
  /** Without gaps. This is the order, whatever the clock has done. */
  readonly seq: number;
  /** RFC 3339, in UTC. */
  readonly at: string;
  /** `hook/7`, `source/src_…`, `key/key_…`, `event/evt_…`, `export`, … */
  readonly target: string;
  /** Of a change the members that it changed, with `***` in place of secrets; null: there was nothing. */
  readonly before: object | null;
  readonly after: object | null;
}

/** In place of the hash of an entry before the first one. */
export const NO_ENTRY_HASH = '0'.repeat(64);

/** SHA-256, in hex, of the entry with its predecessor's hash as the member `previous`, as canonical JSON (RFC 8785). */
export function entryHash(previous: string, entry: AuditEntry): string {
  const { seq, at, actor, from, call, target, before, after } = entry;
  return hash(
    'sha256',
    canonicalJson({ seq, at, actor, from, call, target, before, after, previous }),
    'hex',
  );
}

/** RFC 8785: members in the order of their names by UTF-16, numbers and texts as JavaScript writes them, no white space. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`);
  return `{${members.join(',')}}`;
}

/** Something registered: what it is, and what of that may be shown. Both have the same members. */
export interface Audited {
  readonly whole: Readonly<Record<string, unknown>>;
  readonly shown: Readonly<Record<string, unknown>>;
}

/** The members that differ, as they may be shown. A secret that has changed is `***` in both. */
export function changedMembers(
  before: Audited,
  after: Audited,
): { readonly before: object; readonly after: object } {
  const names = Object.keys({ ...before.whole, ...after.whole }).filter(
    (name) => canonicalJson([before.whole[name]]) !== canonicalJson([after.whole[name]]),
  );
  const of = ({ shown }: Audited) => Object.fromEntries(names.map((name) => [name, shown[name] ?? null]));
  return { before: of(before), after: of(after) };
}

/**
 * How many entries at the start of these have become too old. One that a wrong clock has put into the future keeps none
 * behind it: it goes with the old ones around it.
 */
export function oldEntries(atMs: readonly number[], cutoffMs: number, nowMs: number): number {
  const firstKept = atMs.findIndex((ms) => ms >= cutoffMs && ms <= nowMs);
  const before = firstKept === -1 ? atMs : atMs.slice(0, firstKept);
  return before.findLastIndex((ms) => ms < cutoffMs) + 1;
}
