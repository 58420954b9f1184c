/** Every command with a terminal and without one: the same exit code, and questions, colours and progress only in a terminal. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Api } from '../support/api.ts';
import { CommandLine } from '../support/command.ts';
import { type Receiver, startReceiver } from '../support/receiver.ts';
import { startRelay, type Relay } from '../support/relay.ts';
import { HAS_TERMINALS } from '../support/terminal.ts';

const SECRET = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;
const ESCAPE = '\u001b[';
const CTRL_C = '\u0003';

let relay: Relay;
let receiver: Receiver;
let api: Api;
let cli: CommandLine;
let folder: string;
let eventId: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'posthorn-terminal-'));
  relay = await startRelay();
  receiver = await startReceiver({ answer: { status: 500 } });
  api = new Api(relay.url, relay.adminKey);
  const home = { XDG_CONFIG_HOME: folder, HOME: folder, POSTHORN_DATA: join(folder, 'none') };
  cli = new CommandLine({ ...home, POSTHORN_URL: relay.url, POSTHORN_KEY: relay.adminKey });
  await api.createHook({ uid: 'orders', name: 'Orders', url: receiver.url, events: ['com.example.*'] });
  ({ id: eventId } = await api.publish({
    specversion: '1.0',
    id: 'one',
    source: '/shop',
    type: 'com.example.order',
  }));
  writeFileSync(file('hooks.yaml'), 'hooks:\n  plain: { url: "https://plain.example/" }\n');
  await receiver.waitFor(1);
});

afterAll(async () => {
  await relay.dispose();
  await receiver.close();
  rmSync(folder, { recursive: true, force: true });
});

const file = (name: string) => join(folder, name);

/** Words that stand for what is only known when the relay runs. */
function filled(args: readonly string[]): string[] {
  const known: Readonly<Record<string, string>> = { EVENT: eventId, RECEIVER: receiver.url, SECRET };
  return args.map((arg) => known[arg] ?? (/\.(?:yaml|ndjson)$/.test(arg) ? file(arg) : arg));
}

/** In this order: some make what the next ones need. */
const COMMANDS: readonly [code: number, ...args: string[]][] = [
  [0, 'status'],
  [0, 'sources'],
  [0, 'hooks'],
  [1, 'hooks', 'test', 'orders'],
  [0, 'events'],
  [0, 'deliveries', '--hook', 'orders'],
  [0, 'retry', 'orders', '--all'],
  [0, 'replay', 'orders', '--from', '1h', '--status', 'missing'],
  [0, 'send', 'com.example.sent'],
  [2, 'doctor', 'RECEIVER', '--secret', 'SECRET', '--large-bytes', '1000'],
  [0, 'pull'],
  [2, 'plan', 'hooks.yaml'],
  [0, 'apply', 'hooks.yaml'],
  [0, 'plan', 'hooks.yaml'],
  [0, 'export', '--out', 'export.ndjson', '--secrets'],
  [1, 'import', 'export.ndjson'],
  [0, 'expunge', 'EVENT', '--yes'],
  [0, 'completion', 'zsh'],
  [0, 'login', '--forget'],
  [0, 'listen', '--help'],
  [3, 'tail', '--nonsense'],
  [6, 'listen', '--forward', 'http://127.0.0.1:9/'],
];

const cases = COMMANDS.map(([code, ...args]) => ({ code, args, line: args.join(' ') }));

describe.each(cases)('$code: posthorn $line', ({ code, args }) => {
  it('without a terminal, and nothing in what it says steers one', async () => {
    const ran = await cli.run(...filled(args));
    expect(ran, ran.stderr).toMatchObject({ code });
    expect(ran.stdout + ran.stderr).not.toContain(ESCAPE);
  });

  it.runIf(HAS_TERMINALS)('in a terminal', async () => {
    const terminal = cli.open(...filled(args));
    expect(await terminal.ended(), terminal.screen).toBe(code);
    expect(terminal.screen).not.toBe('');
  });
});

describe('without a terminal', () => {
  it.each<string[]>([['login'], ['expunge', 'evt_1'], ['login', '--relay', 'http://127.0.0.1:9']])(
    'nobody is asked: posthorn %s',
    async (...args) => {
      const ran = await cli.with({ POSTHORN_URL: '', POSTHORN_KEY: '' }).run(...args);
      expect(ran.code).toBe(3);
      expect(ran.stderr).toContain('Without a terminal');
    },
  );

  it('a command that goes on says that it is ready, in lines', async () => {
    for (const args of [['tail'], ['listen', '--forward', receiver.url, '--name', 'piped']]) {
      const child = cli.start(...args);
      let said = '';
      for await (const text of child.stderr as AsyncIterable<string>) {
        said += text;
        if (said.includes('ready:')) break;
      }
      child.kill('SIGKILL');
      expect(said).toMatch(/^ready: .*\n/m);
      expect(said).not.toContain(ESCAPE);
    }
  });

  it('an export is imported into a tenant that has had nothing', async () => {
    await api.createTenant('moved');
    await new Api(relay.url, relay.adminKey, 'moved').createHook({ url: 'https://a.example/' });
    const everything = file('everything.ndjson');
    expect((await cli.run('export', '--out', everything, '--secrets', '--tenant', 'moved')).code).toBe(0);
    await api.expect(202, 'DELETE', '/v1/tenants/moved');
    await api.createTenant('again');
    expect(await cli.json('import', everything, '--tenant', 'again')).toMatchObject([
      { hooks: 1, sources: 0 },
    ]);
  });
});

describe.runIf(HAS_TERMINALS)('in a terminal', () => {
  it('login asks for relay and key, and does not show the key', async () => {
    const terminal = cli.with({ POSTHORN_URL: '', POSTHORN_KEY: '' }).open('login');
    await terminal.shows('URL of the relay: ');
    terminal.type(`${relay.url}\r`);
    await terminal.shows('Key: ');
    terminal.type(`${relay.adminKey}\r`);
    expect(await terminal.ended(), terminal.screen).toBe(0);
    expect(terminal.screen).toContain('Logged in');
    expect(terminal.screen).not.toContain(relay.adminKey);
    const kept = join(folder, 'posthorn', 'login.json');
    expect(JSON.parse(readFileSync(kept, 'utf8'))).toMatchObject({ key: relay.adminKey });
    expect(await cli.open('login', '--forget').ended()).toBe(0);
    expect(existsSync(kept)).toBe(false);
  });

  it('expunge asks, and anything but yes deletes nothing', async () => {
    const { id } = await api.publish({ specversion: '1.0', id: 'kept', source: '/shop', type: 'com.none' });
    for (const [typed, code] of [
      ['\r', 1],
      ['n\r', 1],
      ['y\r', 0],
    ] as const) {
      const terminal = cli.open('expunge', id);
      await terminal.shows('[y/N]');
      terminal.type(typed);
      expect(await terminal.ended(), terminal.screen).toBe(code);
    }
    expect((await cli.run('events', 'raw', id)).code).toBe(1);
  });

  it('there are colours, none with NO_COLOR, and Ctrl-C ends a tail with 0', async () => {
    for (const env of [{}, { NO_COLOR: '1' }]) {
      const terminal = cli.with(env).open('tail', '--types', 'com.coloured');
      await terminal.shows('ready:');
      const event = { specversion: '1.0', id: crypto.randomUUID(), source: '/shop', type: 'com.coloured' };
      await api.publish(event);
      await terminal.shows('com.coloured');
      terminal.type(CTRL_C);
      expect(await terminal.ended(), terminal.screen).toBe(0);
      expect(terminal.screen.includes(ESCAPE)).toBe(!('NO_COLOR' in env));
    }
  });

  it('long work shows how far it is, and takes that away again', async () => {
    const terminal = cli.open('doctor', receiver.url, '--secret', SECRET, '--large-bytes', '1000');
    await terminal.ended();
    expect(terminal.screen).toContain('\r\u001b[2KSending ');
    expect(terminal.screen.split('\r\u001b[2K').at(-1)).not.toContain('Sending');
  });
});
