/** Deskera's registration calls as /openapi.json lists them. Answered by deskera.ts, which validates them itself. */
import * as z from 'zod';
import { FORMATS } from '../../core/hook-config.ts';
import { DOCUMENTED_EVENTS } from '../../providers/deskera/event-name.ts';
import type { AnyRoute, Answer } from '../api.ts';
import { LinkCursor } from './whole-list.ts';

/** The vendor's page prints the paths with and without `/v1`, in singular and in plural. */
export const BASES = ['/v1/webhooks', '/v1/webhook', '/webhooks', '/webhook'] as const;

const RegisteredHook = z
  .object({ hookId: z.int(), eventType: z.string(), webhookUrl: z.string(), deleted: z.boolean() })
  .meta({ id: 'DeskeraHook' });

const Credential = z
  .string()
  .min(1)
  .meta({ description: 'Must be there; it is neither kept nor looked at.' });

const Registration = z
  .object({
    clientId: Credential,
    clientSecret: Credential,
    accessToken: Credential,
    refreshToken: Credential,
    eventType: z.enum([...DOCUMENTED_EVENTS.keys()]),
    webhookUrl: z.string().min(1),
  })
  .meta({ id: 'DeskeraRegistration' });

const ErrorAnswer = z
  .object({
    code: z.int(),
    errorMessage: z.string(),
    httpStatus: z.string(),
    errors: z.array(z.object({ field: z.string(), error: z.string() })).optional(),
  })
  .meta({ id: 'DeskeraError' });

const tag = 'Deskera dialect';
const dialect = { security: ['accessToken'] } as const;
const params = z.object({ id: z.string().meta({ description: 'The hookId.' }) });
const hook = (description: string): Answer => ({ description, schema: RegisteredHook });
const error = (description: string): Answer => ({ description, schema: ErrorAnswer });

const GATE = {
  401: error('No key of the relay in x-access-token'),
  403: error('The role of the key does not allow it'),
  429: error('Too many wrong keys from one address, or too many calls of one key'),
  500: error('The relay failed'),
  503: error('The relay cannot do this right now'),
};

function routesUnder(base: (typeof BASES)[number]): AnyRoute[] {
  const operationId = (verb: string) => `deskera${verb}${base.replaceAll('/', '_')}`;
  return [
    {
      method: 'post',
      path: `${base}/register`,
      summary: 'Register a hook for one event type',
      operationId: operationId('Register'),
      tag,
      description:
        'Deskera’s own call. A relay’s hook is made that gets the events of this type as Deskera would send them.',
      dialect,
      query: z.object({
        format: z.enum(FORMATS).optional().meta({ description: 'Of the deliveries; raw without it.' }),
      }),
      body: Registration,
      answers: {
        200: hook('The hook'),
        400: error('A member is missing or wrong: errors names it'),
        404: error('No such tenant'),
        413: error('The body is too large'),
        415: error('The body is not sent as JSON'),
        ...GATE,
      },
      problems: [],
    },
    {
      method: 'delete',
      path: `${base}/delete/{id}`,
      summary: 'Delete a hook that was registered here',
      operationId: operationId('Delete'),
      tag,
      description: 'Deskera’s own call. Hooks that were made by another API are not found here.',
      dialect,
      params,
      answers: {
        200: hook('What it was, with deleted: true'),
        400: error('The id is no number'),
        404: error('No such hook'),
        ...GATE,
      },
      problems: [],
    },
    {
      method: 'get',
      path: base,
      summary: 'List the hooks that were registered here',
      operationId: operationId('List'),
      tag,
      description: 'Deskera’s own call. The list ends early at 4 MiB; a Link header goes on.',
      dialect,
      query: z.object({ cursor: LinkCursor.optional() }),
      answers: {
        200: { description: 'All of them, or the first of them', schema: z.array(RegisteredHook) },
        400: error('A cursor that no Link header gave'),
        404: error('No such tenant'),
        ...GATE,
      },
      problems: [],
    },
  ];
}

export const DESKERA_ROUTES: readonly AnyRoute[] = BASES.flatMap(routesUnder);
