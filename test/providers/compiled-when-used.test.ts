/** What a tenant does not use costs it nothing: no description is read before a request of its provider comes. */
import { expect, test, vi } from 'vitest';
import type * as compiler from '../../src/providers/recipe/compile.ts';

const compiled = vi.hoisted((): unknown[] => []);
vi.mock('../../src/providers/recipe/compile.ts', async (original) => {
  const module = await original<typeof compiler>();
  return {
    ...module,
    compile: (...args: Parameters<typeof compiler.compile>) => {
      compiled.push(args[0]);
      return module.compile(...args);
    },
  };
});

test('a recipe is compiled when its first source is read, and once', async () => {
  const { aboutProvider, descriptionOf, PROVIDER_NAMES, providerOf, sharedProvider } =
    await import('../../src/providers/providers.ts');
  for (const name of PROVIDER_NAMES) expect(aboutProvider(name)).not.toBeNull();
  expect(compiled).toEqual([]);
  const stripe = sharedProvider('stripe');
  expect(compiled).toEqual([descriptionOf('stripe')?.recipe]);
  expect(sharedProvider('stripe')).toBe(stripe);
  expect(providerOf({ provider: 'stripe', options: {}, recipe: null })).toBe(stripe);
  expect(sharedProvider('superoffice')).not.toBeNull();
  expect(compiled).toHaveLength(1);
});
