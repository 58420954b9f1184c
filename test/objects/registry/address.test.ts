import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import type { Env } from '../../../src/env.ts';
import { eventLogOf, hookOf, namespaceIn, tenantsOf } from '../../../src/registry/address.ts';

const ref = { tenant: 'acme', incarnation: 'i1', jurisdiction: null };

/** A namespace that writes down which part of it is asked for which object. */
function namespace(asked: string[], part = 'everywhere') {
  return {
    jurisdiction: (name: string): unknown => namespace(asked, name),
    getByName: (name: string): string => {
      asked.push(`${part}: ${name}`);
      return name;
    },
  };
}

describe('where the objects of a tenant live', () => {
  it.each([null, 'eu', 'us', 'fedramp'] as const)('every stub stays in jurisdiction %s', (jurisdiction) => {
    const asked: string[] = [];
    const bindings = { EVENT_LOG: namespace(asked), HOOK: namespace(asked) } as unknown as Env;
    eventLogOf(bindings, { ...ref, jurisdiction });
    hookOf(bindings, { ...ref, jurisdiction }, 7);
    const part = jurisdiction ?? 'everywhere';
    expect(asked).toEqual([`${part}: acme.i1`, `${part}: acme.i1/7`]);
  });

  it('a runtime without jurisdictions has the whole namespace and no other', () => {
    const { EVENT_LOG } = env as unknown as Env;
    expect(namespaceIn(EVENT_LOG, null)).toBe(EVENT_LOG);
    expect(() => namespaceIn(EVENT_LOG, 'eu')).toThrow();
  });

  it('two lives of one tenant, and two hooks, are different objects', () => {
    const relay = env as unknown as Env;
    const names = [
      eventLogOf(relay, ref),
      eventLogOf(relay, { ...ref, incarnation: 'i2' }),
      hookOf(relay, ref, 1),
      hookOf(relay, ref, 2),
      hookOf(relay, { ...ref, incarnation: 'i2' }, 1),
      tenantsOf(relay),
    ].map((stub) => String(stub.id));
    expect(new Set(names).size).toBe(names.length);
  });
});
