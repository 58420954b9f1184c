/** The providers by name. */
import { deskera } from './deskera/inbound.ts';
import { type Provider, type ProviderName } from './provider.ts';
import { superoffice } from './superoffice/inbound.ts';

export { PROVIDER_NAMES, type ProviderName } from './provider.ts';

export const PROVIDERS: Readonly<Record<ProviderName, Provider>> = { superoffice, deskera };
