/**
 * What storage holds and this relay cannot read. Told as errors, of which only the message crosses from an object to its
 * caller.
 */

const NO_KEY = 'secrets-key-missing: ';
const UNREADABLE = 'secret-unreadable: ';
const NEWER = 'newer-data: ';

/** `keyIds`: those that storage names and the setting has not; null: the setting itself is wrong. */
export function secretsKeyMissing(keyIds: readonly string[] | null): Error {
  const expected =
    keyIds === null
      ? 'a valid setting'
      : `also the key with the id ${keyIds.join(', ')}, under which secrets are encrypted in storage`;
  return new Error(`${NO_KEY}POSTHORN_SECRETS_KEY: expected ${expected}`);
}

/** `whose`: of which object, in words. */
export function secretUnreadable(whose: string): Error {
  return new Error(
    `${UNREADABLE}The stored secrets of ${whose} cannot be decrypted: they were changed or moved in storage.`,
  );
}

/** The steps of a schema that have run, and those that this version has. */
export function newerData(version: number, known: number): Error {
  return new Error(
    `${NEWER}The data was written by a newer version of the relay (schema ${version}, this one knows ${known}): run that version again.`,
  );
}

/** What to tell of data of a newer version; null: the error is another one. */
export function newerDataDetail({ message }: Error): string | null {
  return after(NEWER, message);
}

/** What to tell of a key that is missing; null: the error is another one. */
export function missingKeyDetail({ message }: Error): string | null {
  return after(NO_KEY, message);
}

/** What to tell of secrets that cannot be opened; null: the error is another one. */
export function unreadableDetail({ message }: Error): string | null {
  return after(UNREADABLE, message);
}

function after(mark: string, message: string): string | null {
  const at = message.indexOf(mark);
  return at === -1 ? null : message.slice(at + mark.length);
}
