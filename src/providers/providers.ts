/** The providers by name, which is also the first word of their events' types. A new one is a folder and its line here. */
import { deskera } from './deskera/inbound.ts';
import { type Provider } from './provider.ts';
import { standardWebhooks } from './standard-webhooks/inbound.ts';
import { superoffice } from './superoffice/inbound.ts';

export const PROVIDERS = {
  superoffice,
  deskera,
  'standard-webhooks': standardWebhooks,
} as const satisfies Readonly<Record<string, Provider>>;

export type ProviderName = keyof typeof PROVIDERS;

export const PROVIDER_NAMES = Object.keys(PROVIDERS) as readonly ProviderName[];
