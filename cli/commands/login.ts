import { createInterface } from 'node:readline/promises';
import { text } from 'node:stream/consumers';
import { Writable } from 'node:stream';
import type { Command } from 'commander';
import { posthorn } from '../../client/posthorn.ts';
import { checkedUrl, given } from '../connection.ts';
import type { Context } from '../context.ts';
import { usage } from '../exit.ts';
import { forgetLogin, writeLogin } from '../login-file.ts';
import { action } from '../action.ts';

interface Options {
  readonly keyStdin?: boolean;
  readonly forget?: boolean;
}

const HELP = `
Asks for what the options do not say, in a terminal only. The key is checked with the relay and kept in
$XDG_CONFIG_HOME/posthorn/login.json (else ~/.config/posthorn/login.json), which only you can read.

Examples:
  posthorn login --relay https://relay.example.com
  posthorn login --relay https://relay.example.com --key-stdin < key.txt
  posthorn login --forget`;

export function define(command: Command): void {
  command
    .option('--key-stdin', 'read the key from stdin, out of sight of other users of this machine')
    .option('--forget', 'forget relay and key')
    .addHelpText('after', HELP)
    .action(action<Options>(login));
}

async function login(context: Context, _args: readonly string[], options: Options): Promise<void> {
  const { out, env } = context;
  if (options.forget === true) {
    const file = forgetLogin(env);
    out.result({ file, forgotten: true }, `Forgot ${file}.`);
    return;
  }
  const url = checkedUrl(
    context.options.relay ?? given(env.POSTHORN_URL) ?? (await asked(context, 'URL of the relay: ')),
  );
  const said = options.keyStdin === true ? (await text(process.stdin)).trim() : context.options.key;
  const key = said ?? given(env.POSTHORN_KEY) ?? (await asked(context, 'Key: ', true));
  const { tenant } = context.options;
  await posthorn({ url, key, tenant }).stats();
  const file = writeLogin(env, { url, key, ...(tenant === undefined ? {} : { tenant }) });
  out.result({ file, relay: url }, `Logged in to ${url}; the key is in ${file}.`);
}

async function asked({ out }: Context, question: string, isHidden = false): Promise<string> {
  if (!out.isTerminal) {
    throw usage('Without a terminal, login needs --relay URL and --key KEY or --key-stdin.');
  }
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({
    input: process.stdin,
    output: isHidden ? silent : process.stderr,
    terminal: true,
  });
  // Only now does the terminal itself show nothing of what is typed.
  process.stderr.write(question);
  try {
    return (await lines.question('')).trim();
  } finally {
    lines.close();
    if (isHidden) process.stderr.write('\n');
  }
}
