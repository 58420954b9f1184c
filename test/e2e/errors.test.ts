/** What the API refuses, and that every refusal says path, expected and got, and never a secret. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Api, type Hook, type Problem, type Reply, type Source, refusal } from '../support/api.ts';
import { type Answers, answersOf } from '../support/answers.ts';
import { rawRequest } from '../support/raw-http.ts';
import { type Relay, startRelay } from '../support/relay.ts';
import { type Tenant, newTenant } from '../support/tenant.ts';

const MAX_JSON_BYTES = 1_048_576;
const URL = 'http://127.0.0.1:9/';

let relay: Relay;
let tenant: Tenant;
let answers: Answers;
let hook: Hook;
let source: Source;
beforeAll(async () => {
  relay = await startRelay();
  tenant = await newTenant(relay);
  answers = await answersOf(relay.url);
  hook = await tenant.api.createHook({ url: URL, paused: true });
  source = await tenant.api.createSource({ provider: 'deskera', name: 'errors' });
});
afterAll(() => relay.dispose());

/** A path of a dialect has errors of its own: dialect-*.test.ts. */
function isDialect(item: object): boolean {
  return Object.values(item as Record<string, { readonly tags: readonly string[] }>).some(({ tags }) =>
    tags.some((tag) => tag.endsWith('dialect')),
  );
}

/** Every documented route that takes a key. */
function keyedRoutes(): (readonly [method: string, path: string])[] {
  return Object.entries(answers.document.paths)
    .filter(([path, item]) => path.startsWith('/v1/') && !isDialect(item))
    .flatMap(([path, item]) =>
      Object.keys(item).map((method) => [method.toUpperCase(), path.replaceAll(/\{\w+\}/g, '1')] as const),
    );
}

describe('I9: keys', () => {
  test('without a valid key every route is 401 with WWW-Authenticate', async () => {
    const presented = {
      none: {},
      'another scheme': { authorization: `Basic ${Buffer.from(`:${tenant.key}`).toString('base64')}` },
      'no key': { authorization: 'Bearer ' },
      'a wrong key': { authorization: 'Bearer ph_wrong' },
      'a key of no tenant': { authorization: `Bearer ph_nobody_${'A'.repeat(43)}` },
      'a key one letter off': {
        authorization: `Bearer ${tenant.key.slice(0, -1)}${tenant.key.endsWith('A') ? 'B' : 'A'}`,
      },
      'two keys': { authorization: `Bearer ${tenant.key} ${tenant.key}` },
      'the admin key one letter short': { authorization: `Bearer ${relay.adminKey.slice(0, -1)}` },
    };
    const anyone = new Api(relay.url, null);
    for (const [name, headers] of Object.entries(presented)) {
      const reply = await anyone.request('GET', '/v1/hooks', undefined, headers);
      expect([name, refusal(reply)]).toEqual([name, '401 unauthorized']);
      expect(reply.headers.get('www-authenticate')).toMatch(/^Bearer/);
      expect(reply.text).not.toContain(tenant.key.slice(10));
    }
    const routes = keyedRoutes();
    expect(routes.length).toBeGreaterThan(20);
    for (const [method, path] of routes) {
      const reply = await anyone.request(
        method,
        path,
        method === 'GET' || method === 'DELETE' ? undefined : {},
      );
      expect([method, path, refusal(reply)]).toEqual([method, path, '401 unauthorized']);
    }
  });

  test('the scheme is read without case', async () => {
    const anyone = new Api(relay.url, null);
    for (const scheme of ['bearer', 'BEARER']) {
      const headers = { authorization: `${scheme} ${tenant.key}` };
      expect((await anyone.request('GET', '/v1/hooks', undefined, headers)).status).toBe(200);
    }
  });

  test('a revoked key is 401; revoking it again is 404', async () => {
    const { id, key } = await tenant.api.createKey();
    await tenant.api.expect(204, 'DELETE', `/v1/keys/${id}`);
    expect(refusal(await new Api(relay.url, key).request('GET', '/v1/hooks'))).toBe('401 unauthorized');
    expect(refusal(await tenant.api.request('DELETE', `/v1/keys/${id}`))).toBe('404 not-found');
  });
});

describe('I9: routes and methods', () => {
  test('a path that is none is 404', async () => {
    for (const path of [
      '/',
      '/nothing',
      '/v1',
      '/v1/',
      '/v1/nothing',
      '/v1/hooks/1/nothing',
      '/v2/hooks',
      '/in',
    ]) {
      expect([path, refusal(await tenant.api.request('GET', path))]).toEqual([path, '404 not-found']);
    }
  });

  test('a method that a path does not have is 405 and Allow names those it has, on every path', async () => {
    for (const [path, item] of Object.entries(answers.document.paths)) {
      if (path.startsWith('/in/') || isDialect(item)) continue;
      const allowed = Object.keys(item).map((method) => method.toUpperCase());
      const concrete = path.replaceAll(/\{\w+\}/g, '1');
      for (const method of ['PUT', 'OPTIONS', 'POST', 'DELETE'].filter((one) => !allowed.includes(one))) {
        const reply = await tenant.api.request(method, concrete);
        expect([method, path, refusal(reply)]).toEqual([method, path, '405 method-not-allowed']);
        const said = reply.headers
          .get('allow')
          ?.split(', ')
          .filter((one) => one !== 'HEAD');
        expect([path, said?.sort()]).toEqual([path, allowed.sort()]);
      }
    }
  });

  test('HEAD is answered as GET, without a body', async () => {
    for (const path of ['/healthz', '/v1/hooks', `/v1/hooks/${hook.id}`]) {
      const reply = await tenant.api.request('HEAD', path);
      expect([reply.status, reply.text]).toEqual([200, '']);
    }
    expect((await tenant.api.request('HEAD', '/v1/hooks/4242')).status).toBe(404);
  });

  test.each(['0', '-1', '1.5', 'abc', '01', '2147483648', '99999999999', '%00', '1e3', '١'])(
    'hook id %s is 404',
    async (id) => {
      expect(refusal(await tenant.api.request('GET', `/v1/hooks/${id}`))).toBe('404 not-found');
      expect(refusal(await tenant.api.request('PATCH', `/v1/hooks/${id}`, {}))).toBe('404 not-found');
      expect(refusal(await tenant.api.request('DELETE', `/v1/hooks/${id}`))).toBe('404 not-found');
    },
  );
});

/** Routes with a JSON body that a tenant's key may call. */
const BODIES = [
  ['POST', '/v1/keys', { name: 'k' }],
  [
    'POST',
    '/v1/sources',
    {
      provider: 'superoffice',
      name: 's',
      site: { url: 'https://crm.example.com/', authorization: 'Basic x' },
    },
  ],
  ['PATCH', '/v1/sources/{source}', {}],
  ['POST', '/v1/hooks', { url: URL, paused: true }],
  ['PATCH', '/v1/hooks/{hook}', {}],
] as const;

function concrete(path: string): string {
  return path.replace('{source}', source.id).replace('{hook}', String(hook.id));
}

describe.each(BODIES)('I9: the body of %s %s', (method, template, valid) => {
  const send = (body: unknown, headers?: Record<string, string>) =>
    tenant.api.request(method, concrete(template), body, headers);
  const success = method === 'POST' ? 201 : 200;

  test('of another content type, or of none, is 415', async () => {
    const text = JSON.stringify(valid);
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'text/json',
      'application/jsonp',
      'json',
    ]) {
      expect(refusal(await send(text, { 'content-type': type }))).toBe('415 unsupported-media-type');
    }
    const { host } = new globalThis.URL(relay.url);
    const answer = await rawRequest(
      relay.url,
      [
        `${method} ${concrete(template)} HTTP/1.1`,
        `host: ${host}`,
        `authorization: Bearer ${tenant.key}`,
        `content-length: ${text.length}`,
      ],
      text,
    );
    expect([answer.status, (JSON.parse(answer.body) as Problem).code]).toEqual([
      415,
      'unsupported-media-type',
    ]);
  });

  test('is read with parameters, in any case and with a byte order mark', async () => {
    const text = JSON.stringify(valid);
    expect((await send(text, { 'content-type': 'Application/JSON; charset=utf-8' })).status).toBe(success);
    expect((await send(`\ufeff${text}`)).status).toBe(success);
  });

  test('of up to 1 MiB is read; larger is 413, with and without a length', async () => {
    const text = JSON.stringify(valid);
    expect((await send(text.padEnd(MAX_JSON_BYTES))).status).toBe(success);
    for (const bytes of [MAX_JSON_BYTES + 1, 5 * MAX_JSON_BYTES]) {
      expect(refusal(await send(text.padEnd(bytes)))).toBe('413 too-large');
      const stream = new Blob([text.padEnd(bytes)]).stream();
      expect(refusal(await send(stream))).toBe('413 too-large');
    }
  });

  test('that is no JSON object is 400', async () => {
    const wrong = [
      '',
      ' ',
      'nonsense',
      '{',
      '{"a":1}}',
      'null',
      '[]',
      '"text"',
      '1',
      'true',
      Buffer.from([0x22, 0xff, 0x22]),
    ];
    for (const text of wrong) {
      const reply = await send(text);
      expect([String(text), refusal(reply)]).toEqual([String(text), '400 invalid ']);
    }
  });

  test('nested deeply is 400, not a failure of the relay', async () => {
    for (const text of [
      '['.repeat(500_000),
      `${'['.repeat(400_000)}${']'.repeat(400_000)}`,
      `{"name":${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}}`,
    ]) {
      expect((await send(text)).status).toBe(400);
    }
  });

  test('with unknown members is 400, each named', async () => {
    const reply = await send({ ...valid, colour: 'red', 'a/b~c': 1 });
    expect(refusal(reply)).toBe('400 invalid /colour /a~1b~0c');
    const text = JSON.stringify({ colour: 'red', ...valid }).replace('"colour":"red"', '"__proto__":{"x":1}');
    expect(refusal(await send(text))).toBe('400 invalid /__proto__');
  });

  test('a member of a wrong type is 400 and names path, expected and got, for every member', async () => {
    // A recipe is whole or it is none.
    const recipe = { verify: [{ scheme: 'none' }], event: { name: 'a' } };
    const route = template.replace('{source}', '{id}').replace('{hook}', '{id}');
    const members = membersOf([
      'paths',
      route,
      method.toLowerCase(),
      'requestBody',
      'content',
      'application/json',
      'schema',
    ]);
    const checked = [];
    for (const { name, pointer, refuses } of members) {
      for (const value of [7.5, 'text', true, {}, [[]], null]) {
        if (!refuses(value)) continue;
        const others = name[0] === 'recipe' ? { ...valid, recipe } : valid;
        const reply = await send(withMember(others, name, value));
        const said = [pointer, value, reply.status, paths(reply).every((path) => path.startsWith(pointer))];
        expect(said).toEqual([pointer, value, 400, true]);
        checked.push(pointer);
      }
    }
    expect(new Set(checked)).toEqual(new Set(members.map(({ pointer }) => pointer)));
  });
});

interface MemberRule {
  /** Names from the body down. */
  readonly name: readonly string[];
  readonly pointer: string;
  readonly refuses: (value: unknown) => boolean;
}

interface ObjectSchema {
  readonly $ref?: string;
  readonly anyOf?: readonly ObjectSchema[];
  readonly properties?: Readonly<Record<string, ObjectSchema & { readonly readOnly?: boolean }>>;
}

/** Every writable member that the document names under that schema, those of members included. */
function membersOf(place: readonly string[], name: readonly string[] = []): MemberRule[] {
  let schema: unknown = answers.document;
  for (const part of place) schema = (schema as Record<string, unknown>)[part];
  const { $ref, anyOf, properties = {} } = schema as ObjectSchema;
  if ($ref !== undefined) return membersOf($ref.slice(2).split('/'), name);
  if (anyOf !== undefined) return anyOf.flatMap((_, at) => membersOf([...place, 'anyOf', String(at)], name));
  return Object.entries(properties).flatMap(([member, { readOnly }]) => {
    if (readOnly === true) return [];
    const below = [...place, 'properties', member];
    const full = [...name, member];
    const refuses = (value: unknown) => !answers.schema(...below)(value);
    return [{ name: full, pointer: `/${full.join('/')}`, refuses }, ...membersOf(below, full)];
  });
}

/** The same body with that value in that place, whatever is missing on the way there made. */
function withMember(
  body: object | undefined,
  [first = '', ...rest]: readonly string[],
  value: unknown,
): Record<string, unknown> {
  const members: Readonly<Record<string, unknown>> = { ...body };
  const inner = () => withMember(members[first] as object | undefined, rest, value);
  return { ...members, [first]: rest.length === 0 ? value : inner() };
}

function paths({ body }: Reply): string[] {
  const { errors = [] } = body as Problem;
  for (const { expected, got } of errors) {
    expect(expected).not.toBe('');
    expect(got).not.toBe('');
  }
  return errors.map(({ path }) => path);
}

describe('I9: what is said', () => {
  test('a problem has type, title, status, detail, code, and errors with path, expected and got', async () => {
    const reply = await tenant.api.request('POST', '/v1/hooks', {
      url: URL,
      ordering: 'lifo',
      concurrency: 'two',
    });
    expect(reply.headers.get('content-type')).toBe('application/problem+json');
    const problem = reply.body as Problem;
    expect(problem).toMatchObject({ status: 400, code: 'invalid' });
    for (const member of ['type', 'title', 'detail'] as const) expect(problem[member]).not.toBe('');
    expect(problem.errors).toHaveLength(2);
    for (const error of problem.errors ?? []) expect(problem.detail).toContain(error.expected);
    expect(problem.errors).toContainEqual(
      expect.objectContaining({ path: '/ordering', got: '"lifo"' }) as unknown,
    );
  });

  test('a missing member is named', async () => {
    expect(refusal(await tenant.api.request('POST', '/v1/hooks', {}))).toBe('400 invalid /url');
    expect(refusal(await tenant.api.request('POST', '/v1/keys', {}))).toBe('400 invalid /name');
    expect(refusal(await tenant.api.request('POST', '/v1/sources', {}))).toBe('400 invalid /provider /name');
    const operator = new Api(relay.url, relay.adminKey);
    expect(refusal(await operator.request('POST', '/v1/tenants', {}))).toBe('400 invalid /id');
  });

  test('wrong members of POST /v1/tenants are named', async () => {
    const operator = new Api(relay.url, relay.adminKey);
    const wrong = [
      { id: 5 },
      { id: 'ok', name: 5 },
      { id: 'ok', jurisdiction: 'moon' },
      { id: 'ok', colour: 1 },
    ];
    const said = [];
    for (const body of wrong) said.push(refusal(await operator.request('POST', '/v1/tenants', body)));
    expect(said).toEqual(['/id', '/name', '/jurisdiction', '/colour'].map((path) => `400 invalid ${path}`));
  });

  test('no secret is repeated, whatever is wrong with it', async () => {
    const LEAK = 'LEAK1234567890';
    const number = 1_234_567_890;
    const bodies: readonly [path: string, body: unknown][] = [
      ['/v1/hooks', { url: URL, secret: LEAK }],
      ['/v1/hooks', { url: URL, secret: `whsec_${LEAK}` }],
      ['/v1/hooks', { url: URL, secret: number }],
      ['/v1/hooks', { url: URL, secret: [LEAK] }],
      ['/v1/hooks', { url: URL, secret: { [LEAK]: LEAK } }],
      ['/v1/hooks', { url: URL, headers: LEAK }],
      ['/v1/hooks', { url: URL, headers: [LEAK] }],
      ['/v1/hooks', { url: URL, headers: { authorization: number } }],
      ['/v1/hooks', { url: URL, headers: { authorization: [LEAK] } }],
      ['/v1/hooks', { url: URL, headers: { authorization: `${LEAK}\n` } }],
      ['/v1/hooks', { url: URL, headers: { authorization: LEAK.repeat(400) } }],
      ['/v1/hooks', { url: `https://user:${LEAK}@example.com/` }],
      ['/v1/hooks', { url: `nonsense ${LEAK}` }],
      ['/v1/sources', { provider: 'superoffice', name: 's', secret: number }],
      ['/v1/sources', { provider: 'superoffice', name: 's', secret: [LEAK] }],
      ['/v1/sources', { provider: 'superoffice', name: 's', secret: LEAK.repeat(30) }],
      ['/v1/sources', { provider: 'deskera', name: 's', secret: LEAK }],
      ['/v1/sources', { provider: 'superoffice', name: 's', site: LEAK }],
      ['/v1/sources', { provider: 'superoffice', name: 's', site: number }],
      ['/v1/sources', { provider: 'superoffice', name: 's', site: { url: number, authorization: number } }],
      ['/v1/hooks', { url: `${URL}?token=${LEAK.repeat(400)}` }],
      ['/v1/hooks', { url: number }],
    ];
    for (const [path, body] of bodies) {
      const reply = await tenant.api.request('POST', path, body);
      expect([body, reply.status]).toEqual([body, 400]);
      expect(reply.text).not.toContain(LEAK);
      expect(reply.text).not.toContain(String(number));
    }
  });

  test('a long list of mistakes is cut, and so is what came', async () => {
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, n) => [`x${n}`, n]));
    const reply = await tenant.api.request('POST', '/v1/hooks', {
      url: URL,
      name: 'n'.repeat(100_000),
      ...many,
    });
    expect(reply.status).toBe(400);
    expect((reply.body as Problem).errors?.length).toBeLessThanOrEqual(50);
    expect(reply.text.length).toBeLessThan(20_000);
  });

  test('a member whose name is very long does not come back whole', async () => {
    const reply = await tenant.api.request('POST', '/v1/hooks', { url: URL, ['k'.repeat(500_000)]: 1 });
    expect(reply.status).toBe(400);
    expect(reply.text.length).toBeLessThan(20_000);
  });
});
