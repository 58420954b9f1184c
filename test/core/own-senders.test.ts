/** The scripts of docs/inside/providers.md for senders that sign: they are run, and what they send is verified and read. */
import { execFileSync, spawnSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { RecipeSchema } from '../../src/http/native/recipe-schema.ts';
import type { Arrived, Facts, Provider } from '../../src/providers/provider.ts';
import { providerOf } from '../../src/providers/providers.ts';
import type { Recipe } from '../../src/providers/recipe/recipe.ts';

const DOCS = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'inside', 'providers.md'), 'utf8');

/** The block of code in that language below the heading. */
function codeBelow(heading: string, language: string): string {
  const section = DOCS.slice(DOCS.indexOf(`\n### ${heading}`));
  const [, code] = new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 's').exec(section) ?? [];
  if (code === undefined) throw new Error(`docs/inside/providers.md: expected ${language} below ${heading}`);
  return code;
}

interface Posted {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

function factsOf(provider: Provider | null, { headers, body }: Posted, secret: string, nowMs: number): Facts {
  if (provider === null) throw new Error('expected a provider');
  const arrived: Arrived = {
    method: 'POST',
    url: 'https://relay.example.com/in/token',
    body: new TextEncoder().encode(body),
    headers: new Map(Object.entries(headers)),
    pathEventType: null,
  };
  expect(provider.verify(arrived, [secret], nowMs)).toBe('signature');
  expect(provider.verify({ ...arrived, body: new TextEncoder().encode(`${body} `) }, [secret], nowMs)).toBe(
    'rejected',
  );
  const reading = provider.read(arrived, { paths: {}, sourceId: 'src_1', assurance: 'signature' });
  const [item] = reading.kind === 'events' ? reading.items : [];
  if (item === undefined) throw new Error(`expected an event, got ${reading.kind}`);
  return item.facts;
}

describe('NetSuite', () => {
  test('the user event script posts what a source of netsuite verifies and reads', () => {
    const secret = `whsec_${btoa('a secret of thirty-two bytes ...')}`;
    const posted: Posted[] = [];
    const modules: Readonly<Record<string, unknown>> = {
      'N/crypto': {
        HashAlg: { SHA256: 'sha256' },
        createSecretKey: ({ encoding }: { encoding: string }) => ({ encoding }),
        createHmac: ({ algorithm, key }: { algorithm: string; key: { encoding: string } }) => {
          const bytes = Uint8Array.from(atob(secret.slice('whsec_'.length)), (one) => one.charCodeAt(0));
          const hmac = createHmac(algorithm, bytes);
          expect(key.encoding).toBe('base64');
          return {
            update: ({ input }: { input: string }) => hmac.update(input, 'utf8'),
            digest: ({ outputEncoding }: { outputEncoding: 'base64' }) => hmac.digest(outputEncoding),
          };
        },
      },
      'N/encode': { Encoding: { BASE_64: 'base64', UTF_8: 'utf8' } },
      'N/https': {
        post: (request: Posted) => {
          posted.push(request);
          return { code: 200 };
        },
      },
      'N/runtime': {
        accountId: 'TSTDRV1',
        getCurrentUser: () => ({ id: 42 }),
        getCurrentScript: () => ({ getParameter: () => 'https://relay.example.com/in/token' }),
      },
      'N/log': { error: () => undefined },
    };
    interface Script {
      readonly afterSubmit: (context: object) => void;
    }
    const scripts: Script[] = [];
    const define = (names: string[], make: (...all: unknown[]) => Script) => {
      scripts.push(make(...names.map((name) => modules[name])));
    };
    // eslint-disable-next-line @typescript-eslint/no-implied-eval -- the script is our own documentation
    (new Function('define', codeBelow('NetSuite', 'js')) as (define: unknown) => void)(define);
    scripts[0]?.afterSubmit({ type: 'edit', newRecord: { type: 'salesorder', id: 7 }, oldRecord: null });
    const [request] = posted;
    if (request === undefined) throw new Error('expected a request');
    const facts = factsOf(
      providerOf({ provider: 'netsuite', options: {}, recipe: null }),
      request,
      secret,
      Date.now(),
    );
    expect(facts).toMatchObject({
      entity: 'salesorder',
      action: 'updated',
      entityId: '7',
      account: 'TSTDRV1',
      actor: '42',
    });
  });
});

/** Stand-ins for Odoo and its HTTP client; prints what would be posted. */
const ODOO = `
import json, sys, types
posted = []
class Answer:
    def raise_for_status(self): pass
def post(url, data, headers, timeout):
    posted.append({"url": url, "headers": headers, "body": data.decode()})
    return Answer()
sys.modules["requests"] = types.SimpleNamespace(post=post)
models = types.SimpleNamespace(AbstractModel=object)
sys.modules["odoo"] = types.SimpleNamespace(models=models)
exec(sys.argv[1])
class Settings:
    def sudo(self): return self
    def get_param(self, name): return {"posthorn.url": "https://relay.example.com/in/token", "posthorn.secret": "a secret"}[name]
class Env(dict):
    cr = types.SimpleNamespace(dbname="acme")
class Records(Base):
    env = Env({"ir.config_parameter": Settings()})
    def __iter__(self):
        return iter([types.SimpleNamespace(_name="crm.lead", id=7, display_name="L\\u00e9a")])
Records().posthorn_post("updated")
print(json.dumps(posted[0]))
`;

const noPython = spawnSync('python3', ['--version']).status !== 0;

describe('Odoo', () => {
  const recipe = JSON.parse(codeBelow('Odoo', 'json')) as Recipe;

  test('the recipe is one that anybody could post', () => {
    expect(RecipeSchema.safeParse(recipe).error?.issues ?? []).toEqual([]);
  });

  test.skipIf(noPython)('the automated action posts what that recipe verifies and reads', () => {
    const printed = execFileSync('python3', ['-c', ODOO, codeBelow('Odoo', 'python')], { encoding: 'utf8' });
    const request = JSON.parse(printed) as Posted;
    const provider = providerOf({ provider: 'custom', options: {}, recipe });
    const facts = factsOf(provider, request, 'a secret', Date.now());
    expect(facts).toMatchObject({
      id: null,
      event: 'crm.lead.updated',
      entity: 'crm.lead',
      action: 'updated',
      entityId: '7',
      account: 'acme',
    });
  });
});
