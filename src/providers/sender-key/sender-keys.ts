/**
 * Providers whose requests name the key that signed them: where it lies, which is at one host of the provider's own and
 * nowhere else. Fetches nothing.
 */
import { type Arrived } from '../provider.ts';
import { Received } from '../recipe/received.ts';
import { type Spot } from '../recipe/recipe.ts';
import { valuesAt } from '../recipe/spot.ts';
import { tokenParts } from '../recipe/jwt.ts';

export interface SenderKeys {
  /** What the request says of its key. */
  readonly named: Spot & { readonly prefix?: string };
  /** It is a JSON Web Token, whose head has the key's id. */
  readonly isToken?: true;
  /** Where the key lies: `{value}` is what the request says. */
  readonly url: string;
  /** What that URL has to be, whatever the request says. */
  readonly allowed: RegExp;
}

const BODY = { body: 'json', splits: null } as const;

/** Null: the request names no key that may be asked for. */
export function keyUrl({ named, isToken, url, allowed }: SenderKeys, arrived: Arrived): string | null {
  const received = new Received(arrived, BODY);
  const [value = ''] = valuesAt(named, { received, item: received.document, parents: [] });
  const { prefix = '' } = named;
  if (value === '' || !value.startsWith(prefix)) return null;
  const bare = value.slice(prefix.length);
  const name = isToken === true ? tokenParts(bare)?.head['kid'] : bare;
  if (typeof name !== 'string') return null;
  const asked = url.replace('{value}', () => name);
  return allowed.test(asked) ? asked : null;
}
