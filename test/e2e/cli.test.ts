/** The command line against a relay: what each command does, says and ends with, without a terminal. */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Api } from '../support/api.ts';
import { CommandLine } from '../support/command.ts';
import { until } from '../support/until.ts';
import { startRelay, type Relay } from '../support/relay.ts';

let relay: Relay;
let api: Api;
let cli: CommandLine;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'posthorn-cli-'));
  relay = await startRelay();
  api = new Api(relay.url, relay.adminKey);
  const home = { XDG_CONFIG_HOME: folder, HOME: folder, POSTHORN_DATA: join(folder, 'none') };
  cli = new CommandLine({ ...home, POSTHORN_URL: relay.url, POSTHORN_KEY: relay.adminKey });
});

afterAll(async () => {
  await relay.dispose();
  rmSync(folder, { recursive: true, force: true });
});

describe('exit codes', () => {
  it.each<[string, number, string[], Record<string, string>]>([
    ['done', 0, ['status'], {}],
    ['help', 0, ['listen', '--help'], {}],
    ['a call that is refused', 1, ['hooks', 'make', 'https://user:password@a.example/'], {}],
    ['no such command', 3, ['nonsense'], {}],
    ['no such option', 3, ['status', '--nonsense'], {}],
    ['an argument that is missing', 3, ['hooks', 'get'], {}],
    ['a hook that is not there', 3, ['hooks', 'get', 'nowhere'], {}],
    ['a relay that is no URL', 3, ['status', '--relay', 'nowhere'], {}],
    ['a wrong key', 4, ['status', '--key', 'ph_wrong'], {}],
    ['no key', 4, ['status'], { POSTHORN_KEY: '' }],
    ['no relay there', 5, ['status', '--relay', 'http://127.0.0.1:9'], {}],
    ['a question without a terminal', 3, ['expunge', 'evt_1'], {}],
    ['nothing at the target', 6, ['listen', '--forward', 'http://127.0.0.1:9/'], {}],
  ])('%s: %d', async (_, code, args, env) => {
    const ran = await cli.with(env).run(...args);
    expect(ran, ran.stderr).toMatchObject({ code });
    // Results go to stdout, and what went wrong does not.
    if (code !== 0) expect(ran.stdout).toBe('');
    if (code !== 0) expect(ran.stderr).not.toBe('');
  });

  it('a refusal names the member', async () => {
    const { stderr } = await cli.run('hooks', 'make', 'https://user:hunter2@a.example/');
    expect(stderr).toContain('/url: expected');
    expect(stderr).not.toContain('hunter2');
  });

  it('nothing has colours without a terminal', async () => {
    const { stdout, stderr } = await cli.with({ FORCE_COLOR: '' }).run('status');
    expect(stdout + stderr).not.toContain('\u001b');
  });
});

describe('login', () => {
  it('keeps relay and key where only the user can read them, and later commands need neither', async () => {
    const without = cli.with({ POSTHORN_URL: '', POSTHORN_KEY: '' });
    const wrong = await without.runWith('ph_wrong', 'login', '--relay', relay.url, '--key-stdin');
    expect(wrong.code).toBe(4);
    const { code, stderr } = await without.runWith(
      relay.adminKey,
      'login',
      '--relay',
      relay.url,
      '--key-stdin',
    );
    expect(code, stderr).toBe(0);
    const file = join(folder, 'posthorn', 'login.json');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect((await without.run('status')).code).toBe(0);
    // The key is for that relay alone.
    expect((await without.run('status', '--relay', relay.url.replace('127.0.0.1', 'localhost'))).code).toBe(
      4,
    );
    expect((await without.run('login', '--forget')).code).toBe(0);
    expect((await without.run('login')).code).toBe(3);
  });

  it('a clone needs none: its relay’s key is used, and said so', async () => {
    const clone = cli.with({ POSTHORN_KEY: '', POSTHORN_DATA: relay.dataDir });
    const { code, stderr } = await clone.run('status');
    expect(code).toBe(0);
    expect(stderr).toContain('admin key');
    expect(stderr).not.toContain(relay.adminKey);
  });
});

describe('registrations and events', () => {
  it('from a source and a hook to an event and what became of it', async () => {
    const [source] = await cli.json<{ id: string; inboundUrl: string }>(
      ...['sources', 'make', 'deskera', '--name', 'Books'],
    );
    const [hook] = await cli.json<{ id: number; secret: string }>(
      ...[
        'hooks',
        'make',
        'http://127.0.0.1:9/x',
        '--uid',
        'orders',
        '--events',
        'com.example.*',
        '--name',
        'O',
      ],
    );
    expect(source?.inboundUrl).toContain('/in/');
    expect(hook?.secret).toMatch(/^whsec_/);
    expect((await cli.json<{ id: string }>('sources')).map(({ id }) => id)).toContain(source?.id);
    expect((await cli.json<{ state: string }>('hooks', 'pause', 'orders'))[0]?.state).toBe('paused');

    const sent = ['send', 'com.example.order.paid', '--subject', 'order/1', '--id', 'one'];
    const [published] = await cli.json<{ id: string }>(...sent, '--data', '{"total":1}');
    const id = published?.id ?? '';
    const file = join(folder, 'data.json');
    writeFileSync(file, '{"total":1}');
    expect(await cli.json(...sent, '--data', `@${file}`)).toMatchObject([{ id }]);
    expect((await cli.runWith('{not json', 'send', 'com.example.x', '--data', '-')).code).toBe(3);

    const events = await cli.json<{ posthornid: string }>(
      'events',
      '--type',
      'com.example.*',
      '--from',
      '1h',
    );
    expect(events.map(({ posthornid }) => posthornid)).toEqual([id]);
    const [journey] = await cli.json<{ deliveries: object[] }>('events', 'get', id, '--hook', 'orders');
    expect(journey?.deliveries).toMatchObject([{ hookId: hook?.id, status: 'held' }]);
    expect((await cli.run('events', 'raw', id)).stdout).toContain('"data":{"total":1}}');
    expect(await cli.json('deliveries', '--hook', 'orders')).toMatchObject([{ eventId: id }]);
    expect((await cli.run('retry', 'orders', id)).code).toBe(1);
    expect((await cli.run('retry', 'orders')).code).toBe(3);
    expect(await cli.json('hooks', 'resume', 'orders')).toMatchObject([{ state: 'active' }]);
    expect((await cli.run('hooks', 'test', 'orders')).code).toBe(1);
    expect(await cli.json('replay', 'orders', '--status', 'any', '--from', '1h')).toMatchObject([
      { state: 'done' },
    ]);
    expect((await cli.run('replay', 'orders', '--from', 'yesterday')).code).toBe(1);
    expect(await cli.json('hooks', 'delete', 'orders')).toEqual([{ id: hook?.id, deleted: true }]);
    expect(await cli.json('expunge', id, '--yes')).toEqual([{ id, expunged: true }]);
    expect((await cli.run('events', 'raw', id)).code).toBe(1);
  });

  it('an export is written whole or not at all', async () => {
    const file = join(folder, 'backup.ndjson');
    const [wrote] = await cli.json<{ lines: number }>('export', '--out', file, '--secrets');
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
    expect(lines).toHaveLength(wrote?.lines ?? 0);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect((await cli.run('export', '--out', join(folder, 'no', 'such', 'folder'))).code).toBe(1);
    const { stdout } = await cli.run('export');
    // What only an import needs is left out.
    const kinds = stdout
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { kind: string }).kind);
    expect(new Set(kinds)).not.toContain('key');
    expect(lines.length).toBeGreaterThan(kinds.length);
  });

  it('text of others does not steer the terminal', async () => {
    await api.createHook({ url: 'https://a.example/', name: '\u001b[31mred\u202e' });
    const { stdout } = await cli.run('hooks');
    expect(stdout).toContain('\\u001b[31mred\\u202e');
  });
});

describe('hooks as code', () => {
  const text = [
    'sources:',
    '  pay: { provider: stripe, name: Pay, secret: "${PAY_SECRET}" }',
    'hooks:',
    '  billing:',
    '    url: https://billing.example/in',
    '    events: [stripe.invoice.*]',
    '    sources: [pay]',
    '    headers: { authorization: "Bearer ${TOKEN}" }',
    '  plain: { url: "https://plain.example/" }',
  ].join('\n');

  it('plan, apply, again, another secret, prune: of one tenant, as its file says', async () => {
    await api.createTenant('code');
    const own = (...args: string[]) => [...args, '--tenant', 'code'];
    const secrets = cli.with({ PAY_SECRET: 'whsec_one', TOKEN: 'one' });
    const file = join(folder, 'hooks.yaml');
    const saved = join(folder, 'hooks.plan');
    writeFileSync(file, text);
    expect((await cli.run(...own('plan', file))).code).toBe(3);
    const planned = await secrets.run(...own('plan', file, '--save', saved));
    expect(planned.code).toBe(2);
    expect(planned.stdout).toContain('+ hook billing');
    expect(planned.stdout).not.toContain('Bearer');
    const theirs = new Api(relay.url, relay.adminKey, 'code');
    const hooks = async () => ((await theirs.expect(200, 'GET', '/v1/hooks')) as { data: object[] }).data;
    expect(await hooks()).toEqual([]);

    expect((await secrets.run(...own('apply', file, '--plan', saved))).code).toBe(0);
    expect((await secrets.run(...own('plan', file))).code).toBe(0);
    expect(await secrets.json(...own('apply', file))).toEqual([]);
    // What was planned is done by now.
    expect((await secrets.run(...own('apply', file, '--plan', saved))).code).toBe(1);

    const changed = secrets.with({ TOKEN: 'two' });
    expect(await changed.json(...own('apply', file))).toMatchObject([{ action: 'update', uid: 'billing' }]);
    expect((await changed.run(...own('plan', file))).code).toBe(0);

    await theirs.createHook({ url: 'https://hand.example/', uid: 'by-hand' });
    const pulled = join(folder, 'pulled.yaml');
    expect((await cli.run(...own('pull', '--out', pulled))).code).toBe(0);
    expect((await cli.run(...own('plan', pulled))).code).toBe(0);

    writeFileSync(file, 'hooks: {}\n');
    expect((await cli.run(...own('plan', file))).code).toBe(0);
    const pruned = await cli.json<{ action: string; uid: string }>(...own('apply', file, '--prune'));
    expect(pruned.map(({ uid }) => uid)).toEqual(['plain', 'billing', 'pay']);
    expect(await hooks()).toMatchObject([{ uid: 'by-hand', managedBy: null }]);
  });

  it('what is wrong with a file is a usage error with its line', async () => {
    const file = join(folder, 'wrong.yaml');
    writeFileSync(file, 'hooks:\n  a:\n    url: https://a.example/\n    colour: red\n');
    const { code, stderr } = await cli.run('plan', file);
    expect(code).toBe(3);
    expect(stderr).toContain('line 4, /hooks/a/colour: unknown member');
  });
});

describe('listen and tail', () => {
  it('an event goes to the local program as it is and is shown; a second listener ends with 7', async () => {
    const came: { signature: unknown; body: string }[] = [];
    const target = createServer((request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (text: string) => (body += text));
      request.on('end', () => {
        came.push({ signature: request.headers['webhook-signature'], body });
        response.writeHead(200).end('thanks');
      });
    });
    await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(target.address() as AddressInfo).port}/hook`;
    const args = ['listen', '--forward', url, '--name', 'CI one', '--events', 'com.example.listened'];
    const listener = cli.start(...args, '--json');
    const viewer = cli.start('tail', '--types', 'com.example.listened', '--json');
    const said = { listener: '', viewer: '', stdout: '', tail: '' };
    listener.stderr.on('data', (text: string) => (said.listener += text));
    listener.stdout.on('data', (text: string) => (said.stdout += text));
    viewer.stderr.on('data', (text: string) => (said.viewer += text));
    viewer.stdout.on('data', (text: string) => (said.tail += text));
    try {
      await until(
        () => Promise.resolve(said.listener + said.viewer),
        (text) => text.split('ready:').length === 3,
      );
      const second = await cli.run(...args);
      expect(second, second.stderr).toMatchObject({ code: 7 });
      const [sent] = await cli.json<{ id: string }>('send', 'com.example.listened', '--data', '{"n":1}');
      await until(
        () => Promise.resolve(said.stdout.includes('\n') && said.tail.includes('\n')),
        (isThere) => isThere,
      );
      expect(JSON.parse(said.stdout)).toMatchObject({ eventId: sent?.id, status: 200, wasTold: true });
      expect(JSON.parse(said.tail)).toMatchObject({ kind: 'event', event: { posthornid: sent?.id } });
      expect(came).toHaveLength(1);
      expect(came[0]?.signature).toMatch(/^v1,/);
      expect(came[0]?.body).toContain('"data":{"n":1}');
      const closed = [once(listener, 'close'), once(viewer, 'close')];
      listener.kill('SIGINT');
      viewer.kill('SIGINT');
      await Promise.all(closed);
      expect([listener.exitCode, viewer.exitCode]).toEqual([0, 0]);
    } finally {
      listener.kill('SIGKILL');
      viewer.kill('SIGKILL');
      target.close();
    }
  });
});

describe('doctor', () => {
  it('2 for a receiver with something wrong, with the remedy; 3 for what is no secret', async () => {
    const [secret] = [`whsec_${Buffer.alloc(32, 1).toString('base64')}`];
    const found = await cli.run('doctor', 'http://127.0.0.1:9/', '--secret', secret, '--json');
    expect(found.code).toBe(2);
    expect(JSON.parse(found.stdout)).toMatchObject({ fault: 'connection-refused' });
    expect((await cli.run('doctor', 'http://127.0.0.1:9/', '--secret', 'short')).code).toBe(3);
  });
});

describe('completion', () => {
  it.each(['bash', 'zsh'])('for %s names every command', async (shell) => {
    const { code, stdout } = await cli.run('completion', shell);
    expect(code).toBe(0);
    for (const name of ['listen', 'tail', 'expunge', '--takeover', 'resume']) expect(stdout).toContain(name);
  });

  it('bash completes commands, and the words of a command', async () => {
    const { stdout } = await cli.run('completion', 'bash');
    const completed = (...words: string[]) =>
      execFileSync(
        'bash',
        [
          '-c',
          `${stdout}\nCOMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _posthorn; echo "\${COMPREPLY[@]}"`,
          'bash',
          ...words,
        ],
        {
          encoding: 'utf8',
        },
      ).trim();
    expect(completed('posthorn', 'lis')).toBe('listen');
    expect(completed('posthorn', 'hooks', 'res')).toBe('resume');
    expect(completed('posthorn', 'listen', '--take')).toBe('--takeover');
  });

  it('for another shell is a usage error', async () => {
    expect((await cli.run('completion', 'fish')).code).toBe(3);
  });
});
