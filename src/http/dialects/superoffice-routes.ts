/** SuperOffice's webhook calls as /openapi.json lists them. Answered by superoffice.ts, which validates them itself. */
import * as z from 'zod';
import { SUPEROFFICE_TYPES } from '../../core/hook-config.ts';
import { STATES } from '../../providers/superoffice/webhook.ts';
import type { AnyRoute, Answer } from '../api.ts';

const members = {
  Name: z.string().max(400).nullable(),
  Events: z.array(z.string()).meta({ example: ['contact.created', 'contact.changed'] }),
  TargetUrl: z.string().max(4000).nullable().meta({
    description:
      'https; must answer a signed test event with 200. Of Type crmscript: the include name of the script.',
  }),
  Secret: z.string().max(400).nullable().meta({
    description:
      'Signs deliveries. Answered as ********; that mask keeps it, null or an empty one removes it.',
  }),
  State: z.enum(STATES).meta({ description: 'Stopped: paused. TooManyErrors: disabled by the relay.' }),
  Headers: z
    .record(z.string(), z.string())
    .nullable()
    .meta({ description: 'Sent with each delivery. Values are answered as ********; that mask keeps one.' }),
  Properties: z
    .record(z.string(), z.unknown())
    .nullable()
    .meta({ description: 'Merged into the body of each delivery; members of SuperOffice itself win.' }),
  ErrorsEmail: z.string().max(239).nullable().meta({ description: 'Kept; no mail is sent.' }),
};

const Webhook = z
  .object({
    WebhookId: z.int(),
    ...members,
    Type: z.enum(SUPEROFFICE_TYPES),
    Registered: z.string(),
    RegisteredAssociate: z.null(),
    Updated: z.string(),
    UpdatedAssociate: z.null(),
  })
  .meta({ id: 'SuperOfficeWebhook' });

const WebhookWithLinks = Webhook.extend({
  _Links: z.object({ Self: z.string(), Archive: z.string() }),
}).meta({ id: 'SuperOfficeWebhookWithLinks' });

const WebhookToSave = z
  .looseObject({
    Name: members.Name.optional(),
    Events: members.Events.min(1).max(400),
    TargetUrl: z.string().min(1).max(4000),
    Secret: members.Secret.optional(),
    State: z.union([z.enum(STATES), z.int().min(0).max(3)]).nullish(),
    Type: z.string().nullish(),
    Headers: members.Headers.optional(),
    Properties: members.Properties.optional(),
    ErrorsEmail: members.ErrorsEmail.optional(),
  })
  .meta({
    id: 'SuperOfficeWebhookToSave',
    description:
      'Names of members in any case of letters; unknown ones are ignored, absent ones have their default.',
  });

const ErrorAnswer = z
  .object({
    Error: z.literal(true),
    ErrorType: z.string(),
    ErrorMessage: z.string(),
    Message: z.string(),
    ErrorSource: z.string(),
  })
  .meta({ id: 'SuperOfficeError' });

const dialect = { tag: 'SuperOffice dialect', security: ['key', 'ticket', 'basic'] } as const;
const NOTE = 'Paths count in any case of letters, with or without a trailing slash.';
const ofTenant = z.object({ tenant: z.string().meta({ description: 'The tenant of the key.' }) });
const ofHook = z.object({ id: z.string().meta({ description: 'The WebhookId.' }) });
const error = (description: string): Answer => ({ description, schema: ErrorAnswer });

const GATE = {
  401: error('No key of the relay in Authorization'),
  403: error('The role of the key does not allow it'),
  404: error('No such webhook, or no such tenant'),
  421: error('The tenant in the path is not the one of the key'),
  500: error('The relay failed'),
  503: error('The relay cannot do this right now, or deliveries are paused'),
};
const SAVING = {
  400: error('A member is wrong, or the target did not answer the test event with 200'),
  413: error('The body is too large'),
  415: error('The body is not sent as JSON'),
};

function routesUnder(base: '' | '/{tenant}'): AnyRoute[] {
  const collection = `${base}/api/v1/Webhook` as const;
  const params = base === '' ? z.object({}) : ofTenant;
  const hookParams = params.extend(ofHook.shape);
  return [
    {
      method: 'get',
      path: `${collection}/default`,
      summary: `SuperOffice dialect: the webhook that a new one starts from. ${NOTE}`,
      dialect,
      params,
      answers: { 200: { description: 'A webhook with id 0', schema: Webhook }, ...GATE },
      problems: [],
    },
    {
      method: 'get',
      path: collection,
      summary: 'SuperOffice dialect: list the webhooks that were made here',
      dialect,
      params,
      query: z.object({
        nameFilter: z.string().optional(),
        eventFilter: z.string().optional(),
        statusFilter: z.enum(STATES).optional().meta({ description: 'Unknown: whichever.' }),
      }),
      answers: { 200: { description: 'Those that fit all filters', schema: z.array(Webhook) }, ...GATE },
      problems: [],
    },
    {
      method: 'post',
      path: collection,
      summary: 'SuperOffice dialect: make a webhook',
      dialect,
      params,
      body: WebhookToSave,
      answers: { 200: { description: 'The webhook', schema: WebhookWithLinks }, ...SAVING, ...GATE },
      problems: [],
    },
    {
      method: 'get',
      path: `${collection}/{id}`,
      summary: 'SuperOffice dialect: get a webhook',
      dialect,
      params: hookParams,
      answers: { 200: { description: 'The webhook', schema: WebhookWithLinks }, ...GATE },
      problems: [],
    },
    {
      method: 'put',
      path: `${collection}/{id}`,
      summary: 'SuperOffice dialect: put a whole webhook in place of one',
      dialect,
      params: hookParams,
      body: WebhookToSave,
      answers: {
        200: { description: 'The webhook as it is now', schema: WebhookWithLinks },
        409: error('It keeps changing meanwhile'),
        ...SAVING,
        ...GATE,
      },
      problems: [],
    },
    {
      method: 'delete',
      path: `${collection}/{id}`,
      summary: 'SuperOffice dialect: delete a webhook',
      dialect,
      params: hookParams,
      answers: { 204: { description: 'Deleted' }, ...GATE },
      problems: [],
    },
  ];
}

export const SUPEROFFICE_ROUTES: readonly AnyRoute[] = [...routesUnder(''), ...routesUnder('/{tenant}')];
