/** SuperOffice's webhook calls as /openapi.json lists them. Answered by dialect.ts, which validates them itself. */
import * as z from 'zod';
import { STATES } from '../../../providers/superoffice/webhook.ts';
import type { AnyRoute, Answer } from '../../api.ts';
import { LinkCursor } from '../whole-list.ts';
import {
  DefaultWebhook,
  Webhook,
  SelectedWebhook,
  SelectedWebhookWithLinks,
  WebhookToTest,
  WebhookToSave,
  MergePatch,
  Operations,
  TestAnswer,
  EventData,
  ErrorAnswer,
} from './schema.ts';

const tag = 'SuperOffice dialect';

const dialect = { security: ['key', 'ticket', 'basic'] } as const;

const NOTE = 'Paths count in any case of letters, with or without a trailing slash.';

const ofTenant = z.object({ tenant: z.string().meta({ description: 'The tenant of the key.' }) });

const ofHook = z.object({ id: z.string().meta({ description: 'The WebhookId.' }) });

const ofEvent = z.object({
  eventName: z.string().meta({ description: 'entity.verb, such as window.closed.' }),
  primaryKey: z.int().meta({ description: '0: of no record.' }),
});

const error = (description: string): Answer => ({ description, schema: ErrorAnswer });

const select = z.object({
  $select: z.string().optional().meta({ description: 'Names of members; the others are answered as null.' }),
});

const filters = {
  nameFilter: z.string(),
  eventFilter: z.string(),
  statusFilter: z.union([z.enum(STATES), z.int().min(0).max(3)]).meta({
    description: 'By name or by number. Unknown and 0: whichever.',
  }),
};

const idInQuery = z.object({ webhookId: z.int().meta({ description: 'The WebhookId.' }) });

const GATE = {
  401: error('No key of the relay in Authorization'),
  403: error('The role of the key does not allow it'),
  404: error('No such webhook, or no such tenant'),
  421: error('The tenant in the path is not the one of the key'),
  429: error('Too many wrong keys from one address, or too many calls of one key'),
  500: error('The relay failed'),
  503: error('The relay cannot do this right now, or the operator has paused it'),
};

const BODY = {
  400: error('A member is wrong'),
  413: error('The body is too large'),
  415: error('The body is not sent as JSON'),
};

const SAVING = {
  ...BODY,
  400: error('A member is wrong, or the target did not answer the test event with 200'),
};

const CHANGING = {
  ...SAVING,
  409: error('It keeps changing meanwhile, or a test operation found something else'),
  412: error('It has changed since If-Unmodified-Since'),
};

/** Both spellings of a path are calls of their own. */
function ofPrefix(prefix: '' | '/{tenant}'): string {
  return prefix === '' ? '' : 'OfTenant';
}

function restRoutes(prefix: '' | '/{tenant}'): Listed[] {
  const collection = `${prefix}/api/v1/Webhook` as const;
  const params = prefix === '' ? z.object({}) : ofTenant;
  const hookParams = params.extend(ofHook.shape);
  const operationId = (verb: string) => `superoffice${verb}${ofPrefix(prefix)}`;
  const one = { description: 'The webhook', schema: SelectedWebhookWithLinks };
  return [
    {
      method: 'get',
      path: `${collection}/default`,
      operationId: operationId('Default'),
      summary: 'the webhook that a new one starts from',
      params,
      answers: { 200: { description: 'A webhook with id 0', schema: DefaultWebhook } },
    },
    {
      method: 'get',
      path: collection,
      operationId: operationId('List'),
      summary: 'list the webhooks that were made here',
      params,
      query: z.object({ ...filters, cursor: LinkCursor }).partial(),
      answers: {
        200: { description: 'Those that fit all filters', schema: z.array(Webhook) },
        400: error('A statusFilter that is none, or a cursor that no Link header gave'),
      },
    },
    {
      method: 'post',
      path: collection,
      operationId: operationId('Create'),
      summary: 'make a webhook',
      params,
      query: select,
      body: WebhookToSave,
      answers: { 200: one, ...SAVING },
    },
    {
      method: 'post',
      path: `${collection}/Test`,
      operationId: operationId('Test'),
      summary: 'send a test event to a webhook, saved or not',
      params,
      body: WebhookToTest,
      answers: { 200: { description: 'What came of it', schema: TestAnswer }, ...BODY },
    },
    {
      method: 'get',
      path: `${collection}/{id}`,
      operationId: operationId('Get'),
      summary: 'get a webhook',
      params: hookParams,
      query: select,
      answers: { 200: one, 304: { description: 'Nothing of it has changed since If-Modified-Since' } },
    },
    {
      method: 'put',
      path: `${collection}/{id}`,
      operationId: operationId('Replace'),
      summary: 'put a whole webhook in place of one',
      params: hookParams,
      query: select,
      body: WebhookToSave,
      answers: { 200: one, ...CHANGING },
    },
    {
      method: 'patch',
      path: `${collection}/{id}`,
      operationId: operationId('Update'),
      summary: 'change a webhook by a merge patch (an object) or by operations (an array)',
      params: hookParams,
      query: select,
      rawBody: {
        schema: z.union([MergePatch, Operations]),
        mediaTypes: ['application/json', 'application/merge-patch+json', 'application/json-patch+json'],
      },
      answers: { 200: one, ...CHANGING },
    },
    {
      method: 'delete',
      path: `${collection}/{id}`,
      operationId: operationId('Delete'),
      summary: 'delete a webhook',
      params: hookParams,
      answers: { 204: { description: 'Deleted' } },
    },
    {
      method: 'get',
      path: `${collection}/{id}/LastError`,
      operationId: operationId('LastError'),
      summary: 'the last answer that was a failure',
      params: hookParams,
      answers: { 200: { description: 'Its text; empty: none failed', schema: z.string() } },
    },
    {
      method: 'post',
      path: `${collection}/{eventName}/{primaryKey}`,
      operationId: operationId('Signal'),
      summary: 'signal an event of your own to all webhooks that want it',
      params: params.extend(ofEvent.shape),
      body: EventData,
      answers: { 204: { description: 'It is stored and will be delivered' }, ...BODY },
    },
  ];
}

/** Of the RPC form; for all of them POST. */
function rpcRoutes(prefix: '' | '/{tenant}'): Listed[] {
  const params = prefix === '' ? z.object({}) : ofTenant;
  const method = (
    name: string,
    route: Omit<Listed, 'method' | 'path' | 'params' | 'operationId'>,
  ): Listed => ({
    method: 'post',
    path: `${prefix}/api/v1/Agents/Webhook/${name}`,
    operationId: `superofficeAgent${name}${ofPrefix(prefix)}`,
    params,
    ...route,
  });
  return [
    method('CreateDefaultWebhook', {
      summary: 'the webhook that a new one starts from',
      answers: { 200: { description: 'A webhook with id 0', schema: DefaultWebhook } },
    }),
    method('SaveWebhook', {
      summary: 'make a webhook, or put it in place of the one with its WebhookId',
      body: WebhookToSave,
      answers: { 200: { description: 'The webhook', schema: Webhook }, ...CHANGING },
    }),
    method('DeleteWebhook', {
      summary: 'delete a webhook',
      query: idInQuery,
      answers: { 204: { description: 'Deleted' }, 400: error('No id') },
    }),
    method('GetWebhook', {
      summary: 'get a webhook',
      query: idInQuery.extend(select.shape),
      answers: {
        200: { description: 'The webhook, or null', schema: SelectedWebhook.nullable() },
        400: error('No id'),
      },
    }),
    method('GetAllWebhooks', {
      summary: 'list the webhooks that were made here',
      query: select,
      body: z.looseObject({
        NameFilter: filters.nameFilter.nullish(),
        EventFilter: filters.eventFilter.nullish(),
        StatusFilter: filters.statusFilter.nullish(),
      }),
      answers: {
        200: { description: 'Those that fit all filters', schema: z.array(SelectedWebhook) },
        ...BODY,
      },
    }),
    method('TestWebhook', {
      summary: 'send a test event to a webhook, saved or not',
      query: select,
      body: z.looseObject({ Webhook: WebhookToTest }),
      answers: { 200: { description: 'What came of it', schema: TestAnswer }, ...BODY },
    }),
    method('SignalEvent', {
      summary: 'signal an event of your own to all webhooks that want it',
      body: z.looseObject({
        EventName: z.string(),
        PrimaryKey: z.int().optional(),
        Data: EventData.optional(),
      }),
      answers: { 204: { description: 'It is stored and will be delivered' }, ...BODY },
    }),
    method('GetLastError', {
      summary: 'the last answer that was a failure',
      body: z.looseObject({ WebhookId: z.int() }),
      answers: { 200: { description: 'Its text; empty: none failed', schema: z.string() }, ...BODY },
    }),
  ];
}

type Listed = Omit<AnyRoute, 'dialect' | 'problems' | 'tag' | 'description'>;

export const SUPEROFFICE_ROUTES: readonly AnyRoute[] = (['', '/{tenant}'] as const)
  .flatMap((prefix) => [...restRoutes(prefix), ...rpcRoutes(prefix)])
  .map((route) => ({
    ...route,
    summary: `${route.summary.charAt(0).toUpperCase()}${route.summary.slice(1)}`,
    tag,
    description: `SuperOffice’s own call, answered as it does. ${NOTE}`,
    answers: { ...route.answers, ...GATE },
    dialect,
    problems: [],
  }));
