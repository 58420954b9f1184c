/** The kind of an event, as far as what a receiver refuses may depend on it: its type. */
import { createHash } from 'node:crypto';

/** Kinds remembered of an outage. Of one with more of them the first are forgotten. */
export const KINDS_REMEMBERED = 64;
const KIND_CHARACTERS = 8;

/** Stands for a type, however long that is. */
export function eventKindOf(type: string): string {
  return createHash('sha256').update(type).digest('base64url').slice(0, KIND_CHARACTERS);
}

/** The same kinds and this one, as the latest. */
export function withKind(kinds: readonly string[], kind: string): readonly string[] {
  return [...kinds.filter((other) => other !== kind), kind].slice(-KINDS_REMEMBERED);
}
