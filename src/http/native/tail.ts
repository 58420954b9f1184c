/** `/v1/tail`: the WebSocket of who watches the log as it grows. */
import * as z from 'zod';
import { parsePattern } from '../../core/pattern.ts';
import { seqOfTailCursor, TAIL_PROTOCOL } from '../../core/tail.ts';
import { eventLogOf } from '../../registry/address.ts';
import type { Api } from '../api.ts';
import { hooksOf, isAllowed } from '../auth.ts';
import { invalid, notFound, Refusal } from '../problem.ts';
import { checkUpgrade, upgraded, upgradeTo } from '../upgrade.ts';
import { hookIdOf } from './field.ts';

/** It lies in the attachment of a socket, which is small. */
const MAX_TYPES_CHARACTERS = 800;

const tail = {
  method: 'get',
  path: '/v1/tail',
  summary: 'Watch events as they come',
  operationId: 'tailEvents',
  tag: 'Events',
  description:
    'Upgrades to a WebSocket that speaks posthorn.tail.v1: every event after a cursor, in the order of the log, then those that come in. A key of role subscriber names one of its hooks.',
  roles: ['viewer', 'subscriber'],
  query: z.object({
    types: z
      .string()
      .max(MAX_TYPES_CHARACTERS)
      .optional()
      .meta({ description: 'Patterns over the type, with commas in between.', example: 'order.*,invoice.*' }),
    hook: z.string().optional().meta({ description: 'Only what this hook gets.' }),
    after: z.string().optional().meta({ description: 'The `cursor` of a frame. Without it: from now on.' }),
  }),
  answers: { 101: { description: 'The connection speaks posthorn.tail.v1' } },
  problems: ['invalid', 'not-found', 'upgrade-required'],
} as const;

export function tailRoutes(api: Api): void {
  api.route(tail, async (c, input) => {
    const { types, hook, after } = input.query;
    checkUpgrade(c, TAIL_PROTOCOL);
    const tenant = c.get('tenant');
    const caller = c.get('caller');
    const log = eventLogOf(c.env, tenant);
    if (hook === undefined && !isAllowed(caller, ['viewer'])) {
      throw new Refusal(
        'forbidden',
        'A key with role subscriber watches one of its hooks: add ?hook= with its id.',
      );
    }
    if (hook !== undefined && (await log.registration(hookIdOf(hook), hooksOf(caller))) === null) {
      throw notFound('hook');
    }
    const seq = after === undefined ? null : seqOfTailCursor(tenant.incarnation, after);
    if (after !== undefined && seq === null) {
      throw invalid({ path: 'query/after', expected: 'a cursor of this tenant’s tail', got: 'another text' });
    }
    const request = upgradeTo('/tail', {
      type: patternsOf(types),
      ...(hook === undefined ? {} : { hook }),
      ...(seq === null ? {} : { after: String(seq) }),
      ...(caller.kind === 'key' ? { key: caller.keyId } : {}),
    });
    return upgraded(await log.fetch(request), TAIL_PROTOCOL);
  });
}

function patternsOf(types: string | undefined): string[] {
  if (types === undefined) return [];
  return types.split(',').map((text) => {
    const reading = parsePattern(text.trim());
    if (reading.ok) return text.trim();
    throw invalid({ path: 'query/types', expected: reading.expected, got: reading.got.slice(0, 80) });
  });
}
