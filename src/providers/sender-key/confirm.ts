/**
 * A provider that sends nothing until a URL of its own has been called, which its request names. Nobody calls it but an
 * operator: whoever can post to an inbound URL could subscribe it to anything otherwise.
 */
import { type Arrived } from '../provider.ts';
import { valueWhen } from '../recipe/condition.ts';
import { Received } from '../recipe/received.ts';
import { type Condition, type Spot } from '../recipe/recipe.ts';
import { valuesAt } from '../recipe/spot.ts';

export interface Confirm {
  readonly when: Condition;
  readonly url: Spot;
  /** What that URL has to be. */
  readonly allowed: RegExp;
}

/** Null: the request asks for nothing, or for a call that is not the provider's. */
export function confirmationUrl({ when, url, allowed }: Confirm, arrived: Arrived): string | null {
  const received = new Received(arrived, { body: 'json', splits: null });
  const scope = { received, item: received.document, parents: [] };
  const [asked = ''] = valueWhen(when, scope) === null ? [] : valuesAt(url, scope);
  return allowed.test(asked) ? asked : null;
}
