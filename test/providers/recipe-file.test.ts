/** A provider is its file: nothing else knows of it. */
import { createHmac } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { RecipeSchema } from '../../src/http/native/recipe-schema.ts';
import type { Description } from '../../src/providers/catalogue/description.ts';
import { describedProvider } from '../../src/providers/catalogue/described.ts';
import { SOURCE_ID, arrived } from './arrived.ts';

const folder = mkdtempSync(join(tmpdir(), 'posthorn-recipe-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const FILE = `{
  "id": "harbour",
  "name": "Harbour",
  "docs": "https://harbour.example/webhooks",
  "setup": "Settings, Notifications: enter the inbound URL and the secret of this source.",
  "secret": { "from": "relay", "label": "Shared key" },
  "options": { "port": { "label": "The port", "default": "north" } },
  "recipe": {
    "verify": [{
      "scheme": "hmac", "digest": "sha512",
      "signature": { "header": "x-harbour-seal", "encoding": "base64", "list": { "separator": ",", "key": "h" } },
      "timestamp": { "list": "t", "unit": "ms", "toleranceSeconds": 60 },
      "message": ["{timestamp}", "|", "{method}", "|", "{body}"]
    }],
    "split": "/ships",
    "event": {
      "entity": "ship", "action": "{/did}", "id": "{/no}", "entityId": "{/hull}", "time": "{body:/at|s}", "account": "{option:port}"
    },
    "actions": { "moored": "arrived" }
  }
}`;

test('a description that is read from a file verifies, splits and reads what its sender posts', () => {
  const path = join(folder, 'harbour.json');
  writeFileSync(path, FILE);
  const description = JSON.parse(readFileSync(path, 'utf8')) as Description;
  expect(RecipeSchema.safeParse(description.recipe).success).toBe(true);
  const provider = describedProvider(description, { port: 'south' });
  if (provider === null) throw new Error('expected a provider');
  expect(provider.about).toMatchObject({ name: 'Harbour', assurance: 'signature', batch: true });

  const nowMs = 1_800_000_000_000;
  const body =
    '{"at":1799999999,"ships":[{"no":1,"hull":7,"did":"moored"},{"no":2,"hull":8.0,"did":"deleted"}]}';
  const secret = provider.newSecret(new Uint8Array(32).fill(3)) ?? '';
  const seal = createHmac('sha512', secret).update(`${nowMs}|POST|${body}`).digest('base64');
  const request = arrived(body, { 'x-harbour-seal': `t=${nowMs},h=${seal}` });
  expect(provider.verify(request, [secret], nowMs)).toBe('signature');
  expect(provider.verify(request, [secret], nowMs + 61_000)).toBe('rejected');
  expect(
    provider.verify(arrived(`${body} `, { 'x-harbour-seal': `t=${nowMs},h=${seal}` }), [secret], nowMs),
  ).toBe('rejected');

  const reading = provider.read(request, { paths: {}, sourceId: SOURCE_ID, assurance: 'signature' });
  expect(reading).toMatchObject({
    kind: 'events',
    isBatch: true,
    items: [
      {
        facts: {
          entity: 'ship',
          action: 'arrived',
          id: '1',
          entityId: '7',
          account: 'south',
          source: '/harbour/south',
        },
      },
      {
        facts: {
          entity: 'ship',
          action: 'deleted',
          id: '2',
          entityId: '8.0',
          time: '2027-01-15T07:59:59.000Z',
        },
      },
    ],
  });
});
