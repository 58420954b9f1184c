/** Where a described provider's requests show a secret itself, right or wrong: what is told of a refused one leaves it out. */
import { type Arrived, type Credentials } from '../provider.ts';
import { isList } from './condition.ts';
import { type Received } from './received.ts';
import { type Recipe, type Spot } from './recipe.ts';
import { valuesAt } from './spot.ts';
import { type SplitItem } from './split.ts';

interface Shown {
  readonly spot: Spot;
  readonly each: boolean;
}

export type CredentialsIn = (arrived: Arrived, isWhole: boolean) => Credentials;

export function credentialsIn(recipe: Recipe, receivedOf: (arrived: Arrived) => Received): CredentialsIn {
  const shown = shownIn(recipe);
  const headers = ['authorization', ...shown.flatMap(({ spot }) => spot.header ?? [])];
  const isInBody = shown.some(({ spot }) => spot.body !== undefined || spot.form !== undefined);
  return (arrived, isWhole) => {
    const received = receivedOf(arrived);
    const values = shown.flatMap(({ spot, each }) =>
      itemsOf(received, each).flatMap(({ item, parents }) => valuesAt(spot, { received, item, parents })),
    );
    const isRead = received.document !== null || received.form !== null;
    return { headers, values, isBodyHidden: isInBody && !(isWhole && isRead) };
  };
}

function itemsOf(received: Received, each: boolean): readonly (SplitItem | { item: null; parents: [] })[] {
  const { splitting, document } = received;
  if (each) return splitting?.kind === 'items' ? splitting.items : [];
  return [document === null ? { item: null, parents: [] } : { item: document, parents: [] }];
}

function shownIn({ verify, handshake = [] }: Recipe): Shown[] {
  const tokens = verify.filter((one) => one.scheme === 'token' || one.scheme === 'jwt');
  const kept = handshake.filter(({ keepsSecret = false }) => keepsSecret);
  return [
    ...tokens.map((one) => ({ spot: one.signature, each: one.scheme === 'token' && one.each === true })),
    ...kept.flatMap(({ when }) => (isList(when) ? when : [when])).map((spot) => ({ spot, each: false })),
  ];
}
