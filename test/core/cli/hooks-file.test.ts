/** Files of sources and hooks: what is read, what is refused with its line, and what would change. */
import { describe, expect, it, vi } from 'vitest';
import type { Hook, Source } from '../../../client/posthorn.ts';
import { managedText, nameOfFile, readManaged } from '../../../cli/hooks-file/managed.ts';
import { planOf, type Step, type World } from '../../../cli/hooks-file/plan.ts';
import { readHooksFile, type HooksFile } from '../../../cli/hooks-file/read.ts';
import { stepJson, stepText } from '../../../cli/hooks-file/step-text.ts';
import { yamlOf } from '../../../cli/hooks-file/write.ts';
import { HOOK_DEFAULTS } from '../../../src/core/hook-config.ts';
import { hooksFileSchema } from '../../../src/http/hooks-file-schema.ts';

// Only a bundler understands it, and no schema needs it.
vi.mock('itty-durable', () => ({ createDurable: () => Object }));

const SCHEMA = JSON.parse(hooksFileSchema().text) as object;
const read = (text: string, env: Record<string, string> = {}) => readHooksFile(text, SCHEMA, env);

describe('a file', () => {
  it('is sources and hooks by uid, with the references filled in where they may stand', async () => {
    const text = [
      'hooks:',
      '  billing:',
      '    url: https://${HOST}/in',
      '    headers: { authorization: "Bearer ${TOKEN}" }',
      '    template: { contentType: text/plain, body: "${HOST}" }',
      '    format: template',
    ].join('\n');
    const file = await read(text, { HOST: 'a.example', TOKEN: 't0k' });
    expect(file).toEqual({
      sources: {},
      hooks: {
        billing: {
          url: 'https://a.example/in',
          headers: { authorization: 'Bearer t0k' },
          template: { contentType: 'text/plain', body: '${HOST}' },
          format: 'template',
        },
      },
    });
  });

  it.each<[string, string, RegExp]>([
    [
      'an unknown member',
      'hooks:\n  a:\n    url: https://a.example/\n    colour: red',
      /line 4, \/hooks\/a\/colour: unknown/,
    ],
    ['an unknown section', 'sinks: {}', /line 1, \/sinks: unknown member/],
    [
      'a member of another type',
      'hooks:\n  a:\n    url: https://a.example/\n    concurrency: many',
      /line 4, \/hooks\/a\/concurrency/,
    ],
    ['a member that is missing', 'hooks:\n  a:\n    name: A', /line 2, \/hooks\/a: .*url/],
    ['what is no uid', 'hooks:\n  Not One:\n    url: https://a.example/', /line 2, \/hooks\/Not One: a uid/],
    [
      'a uid that comes twice',
      'hooks:\n  a: {url: "https://a.example/"}\n  a: {url: "https://b.example/"}',
      /unique/,
    ],
    ['no YAML', 'hooks: [', /line 1/],
    [
      'what the relay alone writes',
      'hooks:\n  a: {url: "https://a.example/", managedBy: me}',
      /managedBy: unknown/,
    ],
    [
      'a secret as it is',
      'hooks:\n  a:\n    url: https://a.example/\n    secret: whsec_abc',
      /line 4, \/hooks\/a\/secret: a secret/,
    ],
    [
      'a credential as it is',
      'hooks:\n  a:\n    url: https://a.example/\n    headers:\n      Authorization: Bearer abc',
      /line 5, \/hooks\/a\/headers\/Authorization/,
    ],
    [
      'a reference to nothing',
      'hooks:\n  a:\n    url: https://a.example/\n    secret: ${NOT_SET}',
      /line 4, \/hooks\/a\/secret: NOT_SET is not/,
    ],
  ])('%s is refused with its place', async (_, text, message) => {
    await expect(read(text)).rejects.toThrow(message);
  });

  it('no refusal says what a secret is', async () => {
    const text = 'hooks:\n  a:\n    url: https://a.example/\n    secret: whsec_hunter2';
    await expect(read(text)).rejects.not.toThrow(/hunter2/);
  });
});

const hook = (uid: string | null, members: object = {}): Hook =>
  ({
    ...HOOK_DEFAULTS,
    filters: [],
    headers: {},
    url: 'https://a.example/',
    superoffice: null,
    id: 7,
    uid,
    ...members,
  }) as unknown as Hook;
const source = (uid: string | null, members: object = {}): Source =>
  ({
    id: 'src_1',
    provider: 'stripe',
    name: 'Pay',
    paths: {},
    options: {},
    recipe: null,
    site: null,
    managedBy: null,
    uid,
    ...members,
  }) as unknown as Source;

const OPTIONS = { fileName: 'hooks.yaml', prune: false };
const plan = (file: Partial<HooksFile>, world: Partial<World>, options = OPTIONS): Step[] =>
  planOf({ sources: {}, hooks: {}, ...file }, { sources: [], hooks: [], ...world }, options);

/** What the relay shows after a step, write-only values aside. */
function after(step: Step | undefined, present: Hook): Hook {
  const { headers: _headers, secret: _secret, ...rest } = step?.body ?? {};
  return { ...present, ...rest };
}

describe('a plan', () => {
  it('makes what is not there, as this file’s own', () => {
    const [step] = plan({ hooks: { a: { url: 'https://a.example/' } } }, {});
    expect(step).toMatchObject({ action: 'create', kind: 'hook', uid: 'a', id: null });
    expect(step?.body).toEqual({ url: 'https://a.example/', uid: 'a', managedBy: 'made hooks.yaml' });
  });

  it('is empty for what is as the file says, in whatever spelling', () => {
    const present = hook('a', { retry: { ...HOOK_DEFAULTS.retry, timeoutSeconds: 10 }, paused: true });
    const wanted = { url: 'https://A.example', retry: { timeoutSeconds: 10 } };
    expect(plan({ hooks: { a: wanted } }, { hooks: [present] })).toEqual([]);
  });

  it('puts back to its default what the file no longer says, but no pause of an operator', () => {
    const present = hook('a', { concurrency: 4, paused: true, filters: [{ exact: { type: 'a' } }] });
    const [step] = plan({ hooks: { a: { url: 'https://a.example/' } } }, { hooks: [present] });
    expect(step?.body).toEqual({ concurrency: null, filters: null });
    expect(step?.changes.map(({ member }) => member).sort()).toEqual(['concurrency', 'filters']);
  });

  it('unpauses what the file says is not paused', () => {
    const wanted = { url: 'https://a.example/', paused: false };
    expect(plan({ hooks: { a: wanted } }, { hooks: [hook('a', { paused: true })] })[0]?.body).toEqual({
      paused: false,
    });
  });

  it('sends secrets when they are others than at the last apply, and not again', () => {
    const wanted = {
      url: 'https://a.example/',
      headers: { authorization: 'Bearer one' },
      secret: 'whsec_one',
    };
    const present = hook('a', { headers: { authorization: '***', 'x-old': '***' } });
    const [step] = plan({ hooks: { a: wanted } }, { hooks: [present] });
    expect(step?.body).toMatchObject({
      headers: { authorization: 'Bearer one', 'x-old': null },
      secret: 'whsec_one',
      managedBy: expect.stringMatching(/^uses hooks\.yaml \S{16}$/) as string,
    });
    const applied = after(step, present);
    expect(plan({ hooks: { a: wanted } }, { hooks: [applied] })).toEqual([]);
    const other = { ...wanted, headers: { authorization: 'Bearer two' } };
    expect(plan({ hooks: { a: other } }, { hooks: [applied] })).toHaveLength(1);
  });

  it('sends secrets along with another URL, which gets no others', () => {
    const wanted = { url: 'https://a.example/', secret: 'whsec_one' };
    const applied = after(plan({ hooks: { a: wanted } }, { hooks: [hook('a')] })[0], hook('a'));
    const [step] = plan({ hooks: { a: { ...wanted, url: 'https://b.example/' } } }, { hooks: [applied] });
    expect(step?.body).toEqual({ url: 'https://b.example/', secret: 'whsec_one' });
  });

  it('shows fingerprints, and no secret', () => {
    const wanted = {
      url: 'https://a.example/',
      headers: { authorization: 'Bearer hunter2' },
      secret: 'whsec_hunter2',
    };
    for (const world of [{}, { hooks: [hook('a')] }]) {
      const [step] = plan({ hooks: { a: wanted } }, world);
      const shown = step && stepText(step) + JSON.stringify(stepJson(step));
      expect(shown).toContain('fingerprint');
      expect(shown).not.toContain('hunter2');
    }
  });

  it('takes away headers that the file says there are none of', () => {
    const present = hook('a', { headers: { 'x-a': '***' } });
    const wanted = { url: 'https://a.example/', headers: {} };
    expect(plan({ hooks: { a: wanted } }, { hooks: [present] })[0]?.body).toEqual({ headers: null });
    expect(plan({ hooks: { a: { url: 'https://a.example/' } } }, { hooks: [present] })).toEqual([]);
  });

  it('knows sources by uid, also those it makes on the way', () => {
    const wanted = { url: 'https://a.example/', sources: ['pay'] };
    const present = hook('a', { sources: ['src_1'] });
    expect(plan({ hooks: { a: wanted } }, { hooks: [present], sources: [source('pay')] })).toEqual([]);
    const steps = plan({ hooks: { a: wanted }, sources: { pay: { provider: 'stripe', name: 'Pay' } } }, {});
    expect(steps.map(({ kind }) => kind)).toEqual(['source', 'hook']);
    expect(() => plan({ hooks: { a: wanted } }, {})).toThrow(/no source with the uid pay/);
  });

  it('gives a source that is there its new secret by a call of its own', () => {
    const wanted = { provider: 'stripe', name: 'Pay', secret: 's' };
    const [step] = plan({ sources: { pay: wanted } }, { sources: [source('pay')] });
    expect(step).toMatchObject({
      newSecret: 's',
      body: { managedBy: expect.stringMatching(/^uses /) as string },
    });
    expect(step?.body).not.toHaveProperty('secret');
  });

  it('refuses another provider', () => {
    const wanted = { provider: 'github', name: 'Pay' };
    expect(() => plan({ sources: { pay: wanted } }, { sources: [source('pay')] })).toThrow(
      /cannot be changed/,
    );
  });

  it('names what is to go from members that a patch merges', () => {
    const present = source('pay', { options: { region: 'eu', mode: 'a' } });
    const wanted = { provider: 'stripe', name: 'Pay', options: { mode: 'b' } };
    const [step] = plan({ sources: { pay: wanted } }, { sources: [present] });
    expect(step?.body).toEqual({ options: { region: null, mode: 'b' } });
  });

  it('prunes what this file made, hooks first, and nothing of others', () => {
    const made = { managedBy: 'made hooks.yaml abc' };
    const world = {
      sources: [source('old', made)],
      hooks: [
        hook('gone', { ...made, id: 1 }),
        hook('kept', { ...made, id: 2 }),
        hook('used', { managedBy: 'uses hooks.yaml abc', id: 3 }),
        hook('theirs', { managedBy: 'made other.yaml', id: 4 }),
        hook('by-hand', { id: 5 }),
        hook('tool', { managedBy: 'terraform', id: 6 }),
      ],
    };
    const file = { hooks: { kept: { url: 'https://a.example/' } } };
    const steps = plan(file, world, { ...OPTIONS, prune: true });
    expect(steps.map(({ action, kind, uid }) => `${action} ${kind} ${uid}`)).toEqual([
      'delete hook gone',
      'delete source old',
    ]);
    expect(plan(file, world)).toEqual([]);
  });
});

it('what is pulled is as it is: the plan of it is empty', async () => {
  const sources = [source('pay'), source(null, { id: 'src_2' })];
  const hooks = [
    hook('a', {
      sources: ['src_1', 'src_2'],
      filters: [{ match: { data: { x: { $gte: 1 } } } }],
      paused: true,
    }),
    hook('b', {
      headers: { 'x-a': '***' },
      auth: { type: 'bearer', token: '***' },
      events: ['a.*'],
      name: 'x: "y"',
    }),
    hook(null, { id: 9 }),
    hook('listen.me', { url: 'listen:', id: 10 }),
    hook('crm', { superoffice: { type: 'webhook' }, id: 11 }),
  ];
  const { yaml, leftOut } = yamlOf(sources, hooks, 'http://relay/schemas/hooks.json');
  expect(leftOut).toHaveLength(4);
  const file = await read(yaml);
  expect(Object.keys(file.hooks)).toEqual(['a', 'b']);
  expect(plan(file, { sources, hooks })).toEqual([]);
});

it('ownership is a text that fits, whatever the file is called', () => {
  const managed = { by: 'made', file: 'our hooks.yaml', fingerprint: null } as const;
  expect(readManaged(managedText(managed))).toEqual(managed);
  expect(readManaged('terraform')).toBeNull();
  expect(readManaged(null)).toBeNull();
  expect(nameOfFile('/some/where/hooks.yaml')).toBe('hooks.yaml');
  expect(() => nameOfFile(`${'x'.repeat(120)}.yaml`)).toThrow(/too long/);
});
