/** `/v1/sources/{id}/secret`, `rotate-secret` and `rotate-url`: what a provider proves itself with, and where it posts. */
import * as z from 'zod';
import { eventLogOf } from '../../registry/address.ts';
import type { Api } from '../api.ts';
import { attributionOf } from '../attribution.ts';
import { setEtag } from '../etag.ts';
import { notFound, Refusal } from '../problem.ts';
import { chosenProvider, nextSecret } from './source-choice.ts';
import { OverlapSeconds } from './field.ts';
import { SourceParams, MAX_SECRET_CHARACTERS, SecretAnswer, SourceSchema } from './source-schema.ts';
import { secretOf, sourceJson } from './source-json.ts';

export const getSourceSecret = {
  method: 'get',
  path: '/v1/sources/{id}/secret',
  summary: 'Get the secret of a source',
  operationId: 'getSourceSecret',
  tag: 'Sources',
  description: 'Answers with the secret that verifies the requests of the provider.',
  params: SourceParams,
  answers: { 200: { description: 'The secret', schema: SecretAnswer } },
  problems: ['not-found'],
} as const;

const overlapSeconds = OverlapSeconds.meta({ description: 'How long the one before stays good.' });

const RotateSourceSecret = z
  .strictObject({ secret: z.string().max(MAX_SECRET_CHARACTERS).optional(), overlapSeconds })
  .meta({ id: 'RotateSourceSecret' });

const RotateUrl = z.strictObject({ overlapSeconds }).meta({ id: 'RotateSourceUrl' });

export const rotateSourceSecret = {
  method: 'post',
  path: '/v1/sources/{id}/rotate-secret',
  summary: 'Give a source a new secret; until the overlap ends both verify',
  operationId: 'rotateSourceSecret',
  tag: 'Sources',
  description: 'Makes a new secret, or takes the one in the body. Until the overlap ends, both verify.',
  params: SourceParams,
  body: RotateSourceSecret,
  isBodyOptional: true,
  answers: { 200: { description: 'The new secret', schema: SecretAnswer } },
  problems: ['invalid', 'not-found', 'conflict', 'too-large', 'unsupported-media-type'],
} as const;

export const rotateSourceUrl = {
  method: 'post',
  path: '/v1/sources/{id}/rotate-url',
  summary: 'Give a source a new inbound URL; until the overlap ends both work',
  operationId: 'rotateSourceUrl',
  tag: 'Sources',
  description: 'Makes a new inbound URL. Until the overlap ends, both take events.',
  params: SourceParams,
  body: RotateUrl,
  isBodyOptional: true,
  answers: {
    200: { description: 'The source with its new inboundUrl', schema: SourceSchema, hasEtag: true },
  },
  problems: ['invalid', 'not-found', 'conflict', 'too-large', 'unsupported-media-type'],
} as const;

export function sourceKeyRoutes(api: Api): void {
  api.route(getSourceSecret, async (c, input) => {
    const source = await eventLogOf(c.env, c.get('tenant')).readSource(input.params.id, attributionOf(c));
    if (source === null) throw notFound('source');
    return c.json({ secret: secretOf(source) }, 200);
  });

  api.route(rotateSourceSecret, async (c, input) => {
    const { secret, overlapSeconds } = input.body;
    const { id } = input.params;
    const log = eventLogOf(c.env, c.get('tenant'));
    const source = await log.getSource(id);
    if (source === null) throw notFound('source');
    const provider = chosenProvider(source);
    if (provider.about.secret.from === 'none' && provider.isSecretOptional !== true)
      throw new Refusal('conflict', 'This provider signs nothing.');
    const rotated = await log.rotateSourceSecret(
      id,
      nextSecret(provider, secret),
      overlapSeconds * 1000,
      attributionOf(c),
    );
    if (rotated === null) throw notFound('source');
    if (rotated === 'full') throw tooManyLive('secrets');
    return c.json({ secret: secretOf(rotated) }, 200);
  });

  api.route(rotateSourceUrl, async (c, input) => {
    const overlapMs = input.body.overlapSeconds * 1000;
    const rotated = await eventLogOf(c.env, c.get('tenant')).rotateSourceUrl(
      input.params.id,
      overlapMs,
      attributionOf(c),
    );
    if (rotated === null) throw notFound('source');
    if (rotated === 'full') throw tooManyLive('URLs');
    setEtag(c, rotated.version);
    return c.json(sourceJson(c, rotated), 200);
  });
}

function tooManyLive(what: string): Refusal {
  return new Refusal(
    'conflict',
    `Five ${what} are in force already; wait for one to end, or rotate with overlapSeconds 0.`,
  );
}
