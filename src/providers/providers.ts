/**
 * The providers by name, which is also the first word of their events' types. One in code is a folder and its line here;
 * one as data is a file of the catalogue.
 */
import { CATALOGUE } from './catalogue/catalogue.ts';
import { cloudevents } from './cloudevents/inbound.ts';
import { deskera } from './deskera/inbound.ts';
import { type Description } from './catalogue/description.ts';
import { type About, type Provider } from './provider.ts';
import { aboutOf, customDescription, describedProvider } from './catalogue/described.ts';
import { type Options } from './recipe/compile.ts';
import { type Recipe } from './recipe/recipe.ts';
import { type Confirm } from './sender-key/confirm.ts';
import { type SenderKeys } from './sender-key/sender-keys.ts';
import { standardWebhooks } from './standard-webhooks/inbound.ts';
import { superoffice } from './superoffice/inbound.ts';

/** Those in code. */
export const PROVIDERS = {
  superoffice,
  deskera,
  'standard-webhooks': standardWebhooks,
  cloudevents,
} as const satisfies Readonly<Record<string, Provider>>;

export type CodedProviderName = keyof typeof PROVIDERS;
export type ProviderName = string;

export const CODED_PROVIDER_NAMES = Object.keys(PROVIDERS) as readonly CodedProviderName[];
/** The provider whose recipe the source brings along. */
export const CUSTOM = 'custom';
export const PROVIDER_NAMES: readonly ProviderName[] = [
  ...CODED_PROVIDER_NAMES,
  ...CATALOGUE.map(({ id }) => id),
  CUSTOM,
];

/** What of a source says how its requests are read. */
export interface ProviderChoice {
  readonly provider: ProviderName;
  readonly options: Options;
  /** Of `custom`, else null. */
  readonly recipe: Recipe | null;
}

/** The most that a recipe can say. */
const ABOUT_CUSTOM: About = {
  name: 'A sender of your own',
  docs: '',
  assurance: 'signature',
  secret: { from: 'relay', label: 'Secret' },
  batch: true,
  handshake: true,
};

const descriptions = new Map(CATALOGUE.map((description) => [description.id, description]));
/** Compiled when they are first used. */
const described = new Map<ProviderName, Provider>();

/** Null: there is none of that name, or it cannot be read by these options or this recipe. */
export function providerOf({ provider: name, options, recipe }: ProviderChoice): Provider | null {
  const shared = sharedProvider(name);
  if (shared !== null) return shared;
  const description = name === CUSTOM ? recipe && customDescription(recipe) : descriptionOf(name);
  return description && describedProvider(description, options);
}

/** A provider that is the same for all its sources; null: options or a recipe make it another one for each. */
export function sharedProvider(name: ProviderName): Provider | null {
  if (Object.hasOwn(PROVIDERS, name)) return PROVIDERS[name as CodedProviderName];
  const known = described.get(name);
  if (known !== undefined) return known;
  const description = descriptionOf(name);
  if (description === null || description.options !== undefined) return null;
  const provider = describedProvider(description, {});
  if (provider !== null) described.set(name, provider);
  return provider;
}

/** Null: a provider in code, `custom`, or none. */
export function descriptionOf(name: ProviderName): Description | null {
  return descriptions.get(name) ?? null;
}

/** Where the keys of a provider lie; null: its requests name none. */
export function senderKeysOf(name: ProviderName): SenderKeys | null {
  return descriptionOf(name)?.keys ?? null;
}

/** What a provider may ask to be called; null: nothing. */
export function confirmOf(name: ProviderName): Confirm | null {
  return descriptionOf(name)?.confirm ?? null;
}

/** The headers that sources of a provider read; what their options or recipes name, the name alone does not tell. */
export function headersFor(name: ProviderName): readonly string[] | 'all' {
  return sharedProvider(name)?.headers ?? 'all';
}

/** What people are told of a provider; null: there is none of that name. */
export function aboutProvider(name: ProviderName): About | null {
  if (name === CUSTOM) return ABOUT_CUSTOM;
  const description = descriptionOf(name);
  if (description !== null) return aboutOf(description);
  return Object.hasOwn(PROVIDERS, name) ? PROVIDERS[name as CodedProviderName].about : null;
}

/** Where the inbound URL and the secret go; '': nothing is known of it beside its documentation. */
export function setupText(name: ProviderName): string {
  return descriptionOf(name)?.setup ?? aboutProvider(name)?.setup ?? '';
}
