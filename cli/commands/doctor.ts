import type { Command } from 'commander';
import { parseSecret } from '../../src/core/signature.ts';
import type { Context } from '../context.ts';
import { examine } from '../doctor/exam.ts';
import { FAULTS } from '../doctor/faults.ts';
import { EXIT, Exit, usage } from '../exit.ts';
import { action } from '../action.ts';
import { shown } from '../shown.ts';

const HELP = `
Sends some twenty requests to the URL you name, and to no other: good ones, and ones that a receiver must refuse. Says
in words what is wrong and how to mend it. Needs no relay. Exit code 2: something was found.

That a repeated event is handled only once cannot be seen from outside: check that yourself, by webhook-id.

Examples:
  posthorn doctor https://app.example.com/webhooks --secret "$WEBHOOK_SECRET"
  posthorn doctor http://localhost:3000/webhooks --secret "$(posthorn hooks secret 7)"
  posthorn doctor … --header 'authorization: Bearer t0ken' --type stripe.invoice.paid
  posthorn doctor … --gone https://app.example.com/old-webhooks`;

interface Options {
  readonly secret: string;
  readonly type: string;
  readonly header: readonly string[];
  readonly gone?: string;
  readonly slowAfter: string;
  readonly largeBytes: string;
}

const collected = (text: string, before: readonly string[]) => [...before, text];

export function define(command: Command): void {
  command
    .argument('<url>', 'of the receiver')
    .requiredOption('--secret <secret>', 'that the receiver has: whsec_…')
    .option(
      '--type <type>',
      'of the events that are sent: one that the receiver knows',
      'posthorn.doctor.test',
    )
    .option('--header <line>', 'further header, such as an authorization', collected, [])
    .option('--gone <url>', 'a retired address, which must answer 410')
    .option('--slow-after <seconds>', 'what counts as slow', '5')
    .option('--large-bytes <n>', 'size of the large body', '1000000')
    .addHelpText('after', HELP)
    .action(action<Options>(doctor));
}

async function doctor({ out }: Context, [address = '']: readonly string[], options: Options): Promise<void> {
  const reading = parseSecret(options.secret.trim());
  if (!reading.ok) throw usage(`--secret: expected ${reading.expected}, got ${reading.got}`);
  const url = urlOf(address);
  const slowAfterMs = numberOf('--slow-after', options.slowAfter) * 1000;
  const findings = await examine({
    url,
    goneUrl: options.gone === undefined ? undefined : urlOf(options.gone),
    secret: reading.secret,
    type: options.type,
    headers: Object.fromEntries(options.header.map(headerOf)),
    slowAfterMs,
    timeoutMs: Math.max(30_000, 2 * slowAfterMs),
    largeBytes: numberOf('--large-bytes', options.largeBytes),
    nowMs: Date.now,
    newId: () => `evt_doctor_${crypto.randomUUID()}`,
    onCase: (name) => out.progress(`Sending ${name}`),
  });
  out.progressEnds();
  for (const { fault, evidence } of findings) {
    const { what, remedy } = FAULTS[fault];
    const text = `${out.style('red', what)}\n  Seen: ${shown(evidence)}.\n  Mend: ${remedy}\n`;
    out.result({ fault, what, remedy, evidence }, text);
  }
  if (findings.length > 0) throw new Exit(EXIT.differs, `Found ${findings.length}.`);
  out.note(`Nothing is wrong with ${url.href}, as far as it can be seen from outside.`);
}

function urlOf(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol))
    throw usage(`Expected a URL of a receiver, got ${text}`);
  return url;
}

function numberOf(option: string, text: string): number {
  const number = Number(text);
  if (!(number > 0)) throw usage(`${option}: expected a number above 0, got ${text}`);
  return number;
}

function headerOf(line: string): [string, string] {
  const at = line.indexOf(':');
  if (at < 1) throw usage(`--header: expected "name: value", got ${line}`);
  return [line.slice(0, at).trim().toLowerCase(), line.slice(at + 1).trim()];
}
