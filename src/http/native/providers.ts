/** `/v1/providers`: who can send, and how each is verified and read. */
import * as z from 'zod';
import { PROVIDER_NAMES, aboutProvider, descriptionOf, setupText } from '../../providers/providers.ts';
import type { Api } from '../api.ts';
import { notFound } from '../problem.ts';
import { RecipeSchema } from './recipe-schema.ts';

const ProviderSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    docs: z.string().meta({ description: 'The provider’s own page about verifying its webhooks.' }),
    assurance: z
      .enum(['signature', 'token', 'none'])
      .meta({ description: 'The best that this provider can give.' }),
    secret: z.object({
      from: z.enum(['provider', 'relay', 'public-key', 'none']).meta({
        description:
          'provider: shown there, typed in here. relay: made here, typed in there. public-key: the provider’s. none: there is none.',
      }),
      label: z.string().meta({ description: 'What the provider calls it.' }),
    }),
    batch: z.boolean().meta({ description: 'One request can hold several events.' }),
    handshake: z.boolean().meta({ description: 'It asks for an answer before it sends events.' }),
    setup: z.string().meta({ description: 'Where in the provider’s product the URL and the secret go.' }),
    options: z.record(z.string(), z.object({ label: z.string(), default: z.string().nullable() })).meta({
      description: 'What a source of it needs beside the secret, by name; required without a default.',
    }),
  })
  .meta({ id: 'Provider' });
const ProviderWithRecipe = ProviderSchema.extend({
  recipe: RecipeSchema.nullable().meta({ description: 'Null: this provider is read by code.' }),
}).meta({ id: 'ProviderWithRecipe' });

export const listProviders = {
  method: 'get',
  path: '/v1/providers',
  summary: 'List the providers that sources can be made for',
  operationId: 'listProviders',
  tag: 'Sources',
  description:
    'Lists every sender that a source can be made for: how it signs, where its secret comes from, and whether it batches.',
  roles: ['viewer'],
  answers: { 200: { description: 'All of them', schema: z.object({ data: z.array(ProviderSchema) }) } },
  problems: [],
} as const;

export const getProvider = {
  method: 'get',
  path: '/v1/providers/{id}',
  summary: 'Get a provider with its recipe',
  operationId: 'getProvider',
  tag: 'Sources',
  description: 'Answers with a provider and with the recipe that its requests are verified and read by.',
  roles: ['viewer'],
  params: z.object({
    id: z.string().meta({ description: 'As in the list of providers.', example: 'stripe' }),
  }),
  answers: { 200: { description: 'The provider', schema: ProviderWithRecipe } },
  problems: ['not-found'],
} as const;

export function providerRoutes(api: Api): void {
  api.route(listProviders, (c) => c.json({ data: PROVIDER_NAMES.flatMap(providerJson) }, 200));

  api.route(getProvider, (c, input) => {
    const { id } = input.params;
    const [found] = providerJson(id);
    if (found === undefined) throw notFound('provider');
    return c.json({ ...found, recipe: descriptionOf(id)?.recipe ?? null }, 200);
  });
}

/** None: there is no provider of that id. */
function providerJson(id: string): z.infer<typeof ProviderSchema>[] {
  const about = aboutProvider(id);
  if (about === null) return [];
  const { options = {} } = descriptionOf(id) ?? {};
  const named = Object.entries(options).map(
    ([name, option]) => [name, { label: option.label, default: option.default ?? null }] as const,
  );
  return [{ id, ...about, setup: setupText(id), options: Object.fromEntries(named) }];
}
