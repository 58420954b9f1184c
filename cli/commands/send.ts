import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { usage } from '../exit.ts';
import { action } from '../action.ts';

const HELP = `
--data is JSON, @FILE, or - for stdin. The same --id and --source again is a duplicate and is not delivered again.

Examples:
  posthorn send com.example.order.paid --subject order/17 --data '{"total": 1000}'
  posthorn send com.example.order.paid --data @order.json
  jq .order big.json | posthorn send com.example.order.paid --data -`;

interface Options {
  readonly data?: string;
  readonly subject?: string;
  readonly source: string;
  readonly id?: string;
}

export function define(command: Command): void {
  command
    .argument('<type>', 'of the event, such as com.example.order.paid')
    .option('--data <json>', 'what happened')
    .option('--subject <subject>', 'what it happened to; events of one subject stay in order')
    .option('--source <source>', 'who says so', '/cli')
    .option('--id <id>', 'unique for its source; made when absent')
    .addHelpText('after', HELP)
    .action(action<Options>(send));
}

async function send(
  { relay, out }: Context,
  [type = '']: readonly string[],
  options: Options,
): Promise<void> {
  const { source, subject, id = crypto.randomUUID() } = options;
  const data = options.data === undefined ? {} : { data: await dataOf(options.data) };
  const event = {
    specversion: '1.0' as const,
    id,
    source,
    type,
    ...(subject === undefined ? {} : { subject }),
    ...data,
  };
  // The event's own id makes it safe to send once more.
  const published = await relay.events.publish(event, { idempotencyKey: `${source} ${id}`.slice(0, 255) });
  out.result(published, published.duplicate ? `${published.id}, seen before: not sent again.` : published.id);
}

async function dataOf(given: string): Promise<unknown> {
  const json =
    given === '-'
      ? await text(process.stdin)
      : given.startsWith('@')
        ? await readFile(given.slice(1), 'utf8').catch((error: unknown) => {
            throw usage(`--data: ${error instanceof Error ? error.message : 'the file cannot be read'}`);
          })
        : given;
  try {
    return JSON.parse(json) as unknown;
  } catch (error) {
    throw usage(`--data: expected JSON: ${error instanceof Error ? error.message : ''}`);
  }
}
