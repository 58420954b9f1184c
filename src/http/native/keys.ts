/** `/v1/keys`: the credentials of a tenant. */
import * as z from 'zod';
import type { Key } from '../../event-log/keys.ts';
import { eventLogOf } from '../../registry/address.ts';
import type { Api } from '../api.ts';
import { ListQuery, pageOf, paged, placeOf } from '../paging.ts';
import { notFound } from '../problem.ts';
import { Time, ignored, timeOf } from './field.ts';

const KeySchema = z
  .object({ id: z.string(), name: z.string(), role: z.literal('admin'), createdAt: Time })
  .meta({ id: 'Key' });

const CreatedKey = KeySchema.extend({
  key: z.string().meta({ description: 'The key itself: shown here and never again.', example: 'ph_acme_…' }),
}).meta({ id: 'CreatedKey' });

const NewKey = z
  .strictObject({
    name: z.string().max(400),
    role: z.literal('admin').default('admin'),
    id: ignored,
    createdAt: ignored,
  })
  .meta({ id: 'NewKey' });

const createKey = {
  method: 'post',
  path: '/v1/keys',
  summary: 'Make a key',
  body: NewKey,
  answers: { 201: { description: 'The key, shown once', schema: CreatedKey } },
  problems: ['invalid', 'too-large'],
} as const;

const listKeys = {
  method: 'get',
  path: '/v1/keys',
  summary: 'List keys',
  query: ListQuery,
  answers: { 200: { description: 'A page of keys, without the keys themselves', schema: pageOf(KeySchema) } },
  problems: ['invalid'],
} as const;

const revokeKey = {
  method: 'delete',
  path: '/v1/keys/{id}',
  summary: 'Revoke a key',
  params: z.object({ id: z.string() }),
  answers: { 204: { description: 'Revoked; it stops everywhere within a minute.' } },
  problems: ['not-found'],
} as const;

export function keyRoutes(api: Api): void {
  api.route(createKey, async (c, input) => {
    const { name, role } = input.body;
    const { key, text } = await eventLogOf(c.env, c.get('tenant')).createKey(name, role);
    return c.json({ ...keyJson(key), key: text }, 201);
  });

  api.route(listKeys, async (c, input) => {
    const { limit, order, cursor } = input.query;
    const query = { order, after: placeOf(cursor), limit: limit + 1 };
    const page = paged(await eventLogOf(c.env, c.get('tenant')).listKeys(query), limit, ({ n }) => n);
    return c.json({ ...page, data: page.data.map(keyJson) }, 200);
  });

  api.route(revokeKey, async (c, input) => {
    if (!(await eventLogOf(c.env, c.get('tenant')).revokeKey(input.params.id))) throw notFound('key');
    return c.body(null, 204);
  });
}

function keyJson({ id, name, role, createdAtMs }: Key): z.infer<typeof KeySchema> {
  return { id, name, role, createdAt: timeOf(createdAtMs) };
}
