/** Secrets on their way into an answer. */
import { isSealed } from '../core/sealing.ts';
import { secretUnreadable } from '../storage/unreadable.ts';

/** The secret itself. Throws where storage holds one that does not open. */
export function legible(secret: string, whose: string): string {
  if (isSealed(secret)) throw secretUnreadable(whose);
  return secret;
}
