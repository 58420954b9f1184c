/** `/v1/hooks/{id}/secret`, `rotate-secret` and `public-key`: what signs the deliveries of a hook. */
import * as z from 'zod';
import { eventLogOf } from '../../registry/address.ts';
import { legible } from '../legible.ts';
import type { Api } from '../api.ts';
import { attributionOf } from '../attribution.ts';
import { hooksOf } from '../auth.ts';
import { Refusal, notFound } from '../problem.ts';
import { OverlapSeconds, HookParams, Time, hookIdOf, timeOrNull } from './field.ts';
import { SecretText, SecretAnswer } from './hook-schema.ts';

export const getHookSecret = {
  method: 'get',
  path: '/v1/hooks/{id}/secret',
  summary: 'Get the secret of a hook',
  operationId: 'getHookSecret',
  tag: 'Hooks',
  description: 'Answers with the secret that signs the deliveries of the hook.',
  roles: ['subscriber'],
  params: HookParams,
  answers: { 200: { description: 'The secret', schema: SecretAnswer } },
  problems: ['not-found'],
} as const;

const RotateHookSecret = z
  .strictObject({
    secret: SecretText.optional(),
    overlapSeconds: OverlapSeconds.meta({
      description: 'How long the one before signs as well.',
    }),
  })
  .meta({ id: 'RotateHookSecret' });

export const rotateHookSecret = {
  method: 'post',
  path: '/v1/hooks/{id}/rotate-secret',
  summary:
    'Give a hook a new secret and, if it signs with one, a new key pair; until the overlap ends both sign',
  operationId: 'rotateHookSecret',
  tag: 'Hooks',
  description:
    'Makes a new secret, or takes the one in the body. Until the overlap ends, each delivery carries a signature of the old secret as well.',
  roles: ['subscriber'],
  params: HookParams,
  body: RotateHookSecret,
  isBodyOptional: true,
  answers: { 200: { description: 'The new secret', schema: SecretAnswer } },
  problems: ['invalid', 'not-found', 'conflict', 'too-large', 'unsupported-media-type'],
} as const;

const PublicJwkSchema = z
  .object({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: z.string() })
  .meta({ id: 'PublicJwk', description: 'RFC 8037; `x` is the 32 bytes of the key in base64url.' });

const PublicKeyText = z
  .string()
  .meta({ description: '`whpk_` and base64 of the 32 bytes of the key, as Standard Webhooks spells it.' });

const PublicKeyAnswer = z
  .object({
    publicKey: PublicKeyText,
    jwk: PublicJwkSchema,
    keys: z
      .array(z.object({ publicKey: PublicKeyText, jwk: PublicJwkSchema, until: Time.nullable() }))
      .meta({ description: 'All that sign, newest first; `until` null: as long as it is the newest.' }),
  })
  .meta({ id: 'PublicKey', description: 'The newest public key, and all that sign now.' });

export const getPublicKey = {
  method: 'get',
  path: '/v1/hooks/{id}/public-key',
  summary: 'Get the public key that verifies the deliveries of a hook',
  operationId: 'getHookPublicKey',
  tag: 'Hooks',
  description: 'Answers with the Ed25519 keys that verify the deliveries of a hook whose signing is ed25519.',
  roles: ['subscriber', 'viewer'],
  params: HookParams,
  answers: { 200: { description: 'The public keys in force', schema: PublicKeyAnswer } },
  problems: ['not-found', 'conflict'],
} as const;

export function hookKeyRoutes(api: Api): void {
  api.route(getHookSecret, async (c, input) => {
    const id = hookIdOf(input.params.id);
    const registration = await eventLogOf(c.env, c.get('tenant')).readHook(
      id,
      hooksOf(c.get('caller')),
      attributionOf(c),
    );
    if (registration === null) throw notFound('hook');
    return c.json({ secret: legible(registration.secret, `hook ${id}`) }, 200);
  });

  api.route(rotateHookSecret, async (c, input) => {
    const { secret, overlapSeconds } = input.body;
    const log = eventLogOf(c.env, c.get('tenant'));
    const id = hookIdOf(input.params.id);
    const rotated = await log.rotateHookSecret(
      id,
      hooksOf(c.get('caller')),
      secret ?? null,
      overlapSeconds * 1000,
      attributionOf(c),
    );
    if (rotated === null) throw notFound('hook');
    if (rotated === 'full') {
      throw new Refusal(
        'conflict',
        'Five secrets sign already; wait for one to end, or rotate with overlapSeconds 0.',
      );
    }
    return c.json({ secret: rotated.secret }, 200);
  });

  api.route(getPublicKey, async (c, input) => {
    const id = hookIdOf(input.params.id);
    const log = eventLogOf(c.env, c.get('tenant'));
    const found = await log.publicKeys(id, hooksOf(c.get('caller')));
    if (found === null) throw notFound('hook');
    const keys = found.map(({ untilMs, ...key }) => ({ ...key, until: timeOrNull(untilMs) }));
    const [newest] = keys;
    if (newest === undefined) {
      throw new Refusal(
        'conflict',
        'This hook signs with its secret alone; set signing to ed25519 or both to give it a key pair.',
      );
    }
    return c.json({ publicKey: newest.publicKey, jwk: newest.jwk, keys }, 200);
  });
}
