/** `/v1/hooks/{id}/listen`: the WebSocket of who gets the deliveries of a listener hook. */
import * as z from 'zod';
import { isListener, LISTEN_PROTOCOL } from '../../core/listener.ts';
import { eventLogOf, hookOf } from '../../registry/address.ts';
import type { Api } from '../api.ts';
import { hooksOf } from '../auth.ts';
import { notFound, Refusal } from '../problem.ts';
import { checkUpgrade, upgraded, upgradeTo } from '../upgrade.ts';
import { HookParams, hookIdOf } from './field.ts';

const listen = {
  method: 'get',
  path: '/v1/hooks/{id}/listen',
  summary: 'Listen to a hook whose url is listen:',
  operationId: 'listenToHook',
  tag: 'Hooks',
  description:
    'Upgrades to a WebSocket that speaks posthorn.listen.v1: attempts come as frames, and their answers go back as frames. One listens at a time; until then the deliveries of the hook wait.',
  roles: ['subscriber'],
  params: HookParams,
  query: z.object({
    takeover: z
      .enum(['true', 'false'])
      .default('false')
      .meta({ description: 'true: whoever listens is closed with 4408. Else the new one is, with 4409.' }),
  }),
  answers: { 101: { description: 'The connection speaks posthorn.listen.v1' } },
  problems: ['invalid', 'not-found', 'conflict', 'upgrade-required'],
} as const;

export function listenRoutes(api: Api): void {
  api.route(listen, async (c, input) => {
    checkUpgrade(c, LISTEN_PROTOCOL);
    const id = hookIdOf(input.params.id);
    const tenant = c.get('tenant');
    const caller = c.get('caller');
    const view = await eventLogOf(c.env, tenant).getHook(id, hooksOf(caller));
    if (view === null) throw notFound('hook');
    if (!isListener(view.registration.config)) {
      throw new Refusal('conflict', 'This hook posts to its URL; to be listened to its url must be listen:.');
    }
    const { takeover } = input.query;
    const key: Record<string, string> = caller.kind === 'key' ? { key: caller.keyId } : {};
    const answer = await hookOf(c.env, tenant, id).fetch(upgradeTo('/listen', { takeover, ...key }));
    return upgraded(answer, LISTEN_PROTOCOL);
  });
}
