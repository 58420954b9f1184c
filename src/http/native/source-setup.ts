/** `/v1/sources/{id}/setup`: what goes where at the provider. */
import { SourceParams } from './source-schema.ts';
import * as z from 'zod';
import type { ProviderCall } from '../../providers/provider.ts';
import { setupText } from '../../providers/providers.ts';
import { eventLogOf } from '../../registry/address.ts';
import type { Api } from '../api.ts';
import { attributionOf } from '../attribution.ts';
import { notFound } from '../problem.ts';
import { chosenProvider } from './source-choice.ts';
import { secretOf, sourceJson } from './source-json.ts';

const SetupCall = z
  .object({
    eventType: z.string().nullable().meta({ description: 'null: one call for all events.' }),
    method: z.literal('POST'),
    url: z.string(),
    headers: z.record(z.string(), z.string()),
    body: z.record(z.string(), z.unknown()),
    curl: z.string(),
  })
  .meta({ id: 'SetupCall' });

export const getSourceSetup = {
  method: 'get',
  path: '/v1/sources/{id}/setup',
  summary: 'What to call at the provider to point it here',
  operationId: 'getSourceSetup',
  tag: 'Sources',
  description:
    'Answers with what to enter at the provider and where, and with the calls that register this source there, ready to be pasted.',
  params: SourceParams,
  query: z.object({
    events: z
      .string()
      .optional()
      .meta({ description: 'The provider’s own event names, separated by commas.' }),
  }),
  answers: {
    200: {
      description: 'What goes where, and the calls with {placeholders} for what the relay does not know',
      schema: z.object({
        provider: z.string(),
        setup: z.string().meta({ description: 'Where in the provider’s product the URL and the secret go.' }),
        docs: z.string().meta({ description: 'The provider’s own page about its webhooks.' }),
        inboundUrl: z.string(),
        secret: z.object({
          from: z.enum(['provider', 'relay', 'public-key', 'none']),
          label: z.string().meta({ description: 'What the provider calls it.' }),
          value: z.string().nullable().meta({ description: 'That of this source; null: it has none.' }),
        }),
        calls: z.array(SetupCall).meta({ description: 'None: nothing is known of the provider’s API.' }),
      }),
    },
  },
  problems: ['invalid', 'not-found'],
} as const;

export function sourceSetupRoutes(api: Api): void {
  api.route(getSourceSetup, async (c, input) => {
    const source = await eventLogOf(c.env, c.get('tenant')).readSource(input.params.id, attributionOf(c));
    if (source === null) throw notFound('source');
    const { inboundUrl } = sourceJson(c, source);
    const events = (input.query.events ?? '')
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== '');
    const provider = chosenProvider(source);
    const secret = secretOf(source);
    const calls = provider.setup({ name: source.name, inboundUrl, secret, events });
    const { docs, secret: kind } = provider.about;
    const answer = {
      provider: source.provider,
      setup: setupText(source.provider),
      docs,
      inboundUrl,
      secret: { ...kind, value: secret },
      calls: calls.map((call) => ({ ...call, curl: curlOf(call) })),
    };
    return c.json(answer, 200);
  });
}

/** A call as a line for a POSIX shell. */
function curlOf({ method, url, headers, body }: ProviderCall): string {
  const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
  const lines = Object.entries(headers).map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`);
  return [`curl -X ${method} ${quoted(url)}`, ...lines, `-d ${quoted(JSON.stringify(body))}`].join(' \\\n  ');
}
