/** A provider of the catalogue: its recipe, and what people need to know to connect it. */
import { type SecretOrigin } from '../provider.ts';
import { type Confirm } from '../sender-key/confirm.ts';
import { type SenderKeys } from '../sender-key/sender-keys.ts';
import { type Recipe } from '../recipe/recipe.ts';

export interface Option {
  /** What it is called at the provider. */
  readonly label: string;
  /** Without a default it is required. */
  readonly default?: string;
}

export interface Description {
  /** The first word of its events' types: `[a-z0-9-]`. */
  readonly id: string;
  readonly name: string;
  /** The provider's page about verifying its webhooks. */
  readonly docs: string;
  /** Where in the provider's product the URL and the secret go. */
  readonly setup: string;
  /** `label`: what the provider calls it. */
  readonly secret: { readonly from: SecretOrigin; readonly label: string };
  /** What its texts `{option:name}` stand for, by name. */
  readonly options?: Readonly<Record<string, Option>>;
  readonly recipe: Recipe;
  /** Of what is signed with a key that the request names. */
  readonly keys?: SenderKeys;
  /** What the provider wants called before it sends events. */
  readonly confirm?: Confirm;
}
