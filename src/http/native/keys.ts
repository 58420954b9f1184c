/** `/v1/keys`: the credentials of a tenant. */
import * as z from 'zod';
import { ROLES } from '../../core/role.ts';
import type { Key } from '../../event-log/keys.ts';
import { KEY_VERSION } from '../../event-log/key-registrar.ts';
import { eventLogOf } from '../../registry/address.ts';
import type { Api } from '../api.ts';
import { attributionOf } from '../attribution.ts';
import { expectedVersions, outdated, setEtag } from '../etag.ts';
import { ListQuery, listOf, pageOf } from '../paging.ts';
import { invalid, madeOnce, notFound } from '../problem.ts';
import { Time, ignored, timeOf, timeOrNull } from './field.ts';

const KeySchema = z
  .object({
    id: z.string(),
    name: z.string(),
    role: z.enum(ROLES),
    createdAt: Time,
    expiresAt: Time.nullable(),
  })
  .meta({ id: 'Key' });

const CreatedKey = KeySchema.extend({
  key: z.string().meta({ description: 'The key itself: shown here and never again.', example: 'ph_acme_…' }),
}).meta({ id: 'CreatedKey' });

const NewKey = z
  .strictObject({
    name: z.string().max(400),
    role: z.enum(ROLES).default('admin'),
    expiresAt: z.iso
      .datetime({ offset: true })
      .nullable()
      .default(null)
      .meta({ description: 'When the key ends; null: never by itself.' }),
    id: ignored,
    createdAt: ignored,
  })
  .meta({ id: 'NewKey' });

export const createKey = {
  method: 'post',
  path: '/v1/keys',
  summary: 'Make a key',
  operationId: 'createKey',
  tag: 'Keys',
  description: 'Makes a key with a role. The answer is the only one that ever shows the key.',
  body: NewKey,
  answers: { 201: { description: 'The key, shown once', schema: CreatedKey } },
  problems: ['invalid', 'too-large', 'quota-exceeded'],
} as const;

export const listKeys = {
  method: 'get',
  path: '/v1/keys',
  summary: 'List keys',
  operationId: 'listKeys',
  tag: 'Keys',
  description: 'Lists the keys in force by name and role, without their texts.',
  roles: ['viewer'],
  query: ListQuery,
  answers: { 200: { description: 'A page of keys, without the keys themselves', schema: pageOf(KeySchema) } },
  problems: ['invalid'],
} as const;

export const revokeKey = {
  method: 'delete',
  path: '/v1/keys/{id}',
  summary: 'Revoke a key',
  operationId: 'revokeKey',
  tag: 'Keys',
  description: 'Ends a key within a minute wherever it is used.',
  params: z.object({ id: z.string().meta({ description: 'The id of the key, not its text.' }) }),
  answers: { 204: { description: 'Revoked; it stops everywhere within a minute.' } },
  problems: ['invalid', 'not-found', 'precondition-failed'],
} as const;

export function keyRoutes(api: Api): void {
  api.route(createKey, async (c, input) => {
    const { name, role, expiresAt } = input.body;
    const expiresAtMs = expiresAt === null ? null : Date.parse(expiresAt);
    if (expiresAtMs !== null && expiresAtMs <= Date.now()) {
      throw invalid({ path: '/expiresAt', expected: 'a time to come', got: JSON.stringify(expiresAt) });
    }
    const created = await eventLogOf(c.env, c.get('tenant')).createKey(
      name,
      role,
      expiresAtMs,
      attributionOf(c),
    );
    const { key, text } = madeOnce(created);
    setEtag(c, KEY_VERSION);
    return c.json({ ...keyJson(key), key: text }, 201);
  });

  api.route(listKeys, async (c, input) => {
    const { limit, order, cursor } = input.query;
    const list = listOf(c, { order });
    const query = { order, after: list.placeOf(cursor), limit: limit + 1 };
    const keys = await eventLogOf(c.env, c.get('tenant')).listKeys(query);
    return c.json(
      list.page<Key, KeyJson>(keys, limit, ({ n }) => n, keyJson),
      200,
    );
  });

  api.route(revokeKey, async (c, input) => {
    const log = eventLogOf(c.env, c.get('tenant'));
    const isRevoked = await log.revokeKey(input.params.id, expectedVersions(c), attributionOf(c));
    if (isRevoked === 'outdated') throw outdated('key');
    if (!isRevoked) throw notFound('key');
    return c.body(null, 204);
  });
}

type KeyJson = z.infer<typeof KeySchema>;

function keyJson({ id, name, role, createdAtMs, expiresAtMs }: Key): KeyJson {
  return { id, name, role, createdAt: timeOf(createdAtMs), expiresAt: timeOrNull(expiresAtMs) };
}
