/** Sources of a tenant, and what the relay says of each: what tests of inbound requests ask again and again. */
import type { Source } from './api.ts';
import type { Tenant } from './tenant.ts';

export function inboundSources(tenant: () => Tenant) {
  return {
    superoffice: (members: Readonly<Record<string, unknown>> = {}): Promise<Source> =>
      tenant().api.createSource({ provider: 'superoffice', name: 'so', ...members }),

    deskera: (): Promise<Source> => tenant().api.createSource({ provider: 'deskera', name: 'dk' }),

    stats: async (source: Source): Promise<Record<string, unknown>> => {
      const view = await tenant().api.expect(200, 'GET', `/v1/sources/${source.id}`);
      return (view as { stats: Record<string, unknown> }).stats;
    },

    countOf: async (source: Source): Promise<number> =>
      (await tenant().api.events(`?sourceId=${source.id}`)).length,

    envelopeOf: async (id: string): Promise<Record<string, unknown>> => (await tenant().api.event(id)).event,
  };
}
