/** The providers that are described as data. A new one is its file and its line here. */
import { type Description } from './description.ts';
import { github } from './github.ts';
import { hubspot } from './hubspot.ts';
import { stripe } from './stripe.ts';

export const CATALOGUE: readonly Description[] = [github, hubspot, stripe];
