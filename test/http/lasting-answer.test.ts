import { Hono } from 'hono';
import { expect, test } from 'vitest';
import type { AppEnv } from '../../src/http/context.ts';
import { lastingAnswer } from '../../src/http/lasting-answer.ts';

test('A10: what is the same for everybody is made once, however many ask', async () => {
  let made = 0;
  const app = new Hono<AppEnv>();
  app.get(
    '/',
    lastingAnswer(() => {
      made += 1;
      return { text: `made ${made}`, headers: { 'content-type': 'text/plain' } };
    }),
  );
  for (let asked = 0; asked < 100; asked += 1) {
    expect(await (await app.request('/')).text()).toBe('made 1');
  }
  expect(made).toBe(1);
});
