import { expect, test } from 'vitest';
import { compile } from '../../../src/providers/recipe/compile.ts';
import { recipeEngine } from '../../../src/providers/recipe/provider.ts';
import { type EventFacts } from '../../../src/providers/recipe/recipe.ts';

const BODY = new TextEncoder().encode('{"id":"e-1"}');

function idWith(id: EventFacts['id']): string | null | undefined {
  const event = id === undefined ? { name: 'a' } : { name: 'a', id };
  const compiling = compile({ verify: [{ scheme: 'none' }], event });
  if (!compiling.ok) throw new Error(JSON.stringify(compiling.problems));
  const arrived = {
    method: 'POST',
    url: '',
    body: BODY,
    headers: new Map<string, string>(),
    pathEventType: null,
  };
  const reading = recipeEngine('a', compiling.compiled).read(
    arrived,
    { paths: {}, sourceId: 'src_1', assurance: 'none' },
    [],
  );
  return reading.kind === 'events' ? reading.items[0]?.facts.id : undefined;
}

test('a repetition is told by the id, without one by the bytes, and with null not at all', () => {
  expect(idWith('{/id}')).toBe('e-1');
  // printf '{"id":"e-1"}' | openssl dgst -sha256 -binary | basenc --base64url
  expect(idWith(undefined)).toBe('ke_G61rD9uBrbnbPR3bi5XrYqXkRHH8uzStSg3lXrHU');
  expect(idWith('{/absent}')).toBe('ke_G61rD9uBrbnbPR3bi5XrYqXkRHH8uzStSg3lXrHU');
  expect(idWith(null)).toBeNull();
});

test('null behind templates holds where none of them is filled', () => {
  expect(idWith(['{/id}', null])).toBe('e-1');
  expect(idWith(['{/absent}', null])).toBeNull();
});
