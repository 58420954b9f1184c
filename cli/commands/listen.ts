import { hostname, userInfo } from 'node:os';
import type { Command } from 'commander';
import type { Hook, ListenerDelivery } from '../../client/posthorn.ts';
import type { Context } from '../context.ts';
import { EXIT, Exit, usage } from '../exit.ts';
import { forward, isReachable, type Exchange } from '../forward.ts';
import { action, texts } from '../action.ts';
import { shown } from '../shown.ts';

const LISTEN_URL = 'listen:';

const HELP = `
Makes a hook whose deliveries wait for this command, or finds the one it made before: nothing is lost while it does
not run, or while this machine sleeps. Each delivery is forwarded as it is, and the answer counts as a receiver's.

--name says which hook: two machines, or two programs on one, need a name each. --events changes what it gets.
Exit codes: 6 nothing answers at the URL, 7 somebody else listens by this name (--takeover ends that).

Examples:
  posthorn listen --forward http://localhost:3000/webhooks
  posthorn listen --forward http://localhost:3000/ --events 'stripe.*,github.push.*'
  posthorn listen --forward http://localhost:3000/ --name ci --takeover`;

interface Options {
  readonly forward: string;
  readonly events?: string[];
  readonly name?: string;
  readonly takeover?: boolean;
}

export function define(command: Command): void {
  command
    .requiredOption('--forward <url>', 'where to send what comes, such as http://localhost:3000/')
    .option('--events <patterns>', 'patterns over the type, separated by commas', texts)
    .option('--name <name>', 'of the listener; by default of this user and machine')
    .option('--takeover', 'end whoever listens by this name')
    .addHelpText('after', HELP)
    .action(action<Options>(listen));
}

async function listen(context: Context, _args: readonly string[], options: Options): Promise<void> {
  const { relay, out, signal } = context;
  const target = URL.canParse(options.forward) ? new URL(options.forward) : null;
  if (target === null || !/^https?:$/.test(target.protocol)) {
    throw usage(`--forward: expected a URL such as http://localhost:3000/, got ${options.forward}`);
  }
  if (!(await isReachable(target))) {
    throw new Exit(EXIT.targetUnreachable, `Nothing answers at ${target.origin}. Start your program first.`);
  }
  const name = options.name ?? `${userInfo().username}@${hostname()}`;
  const hook = await listenerHook(context, name, options.events);
  let isFirst = true;
  const deliveries = relay.hooks.listen(hook.id, {
    takeover: options.takeover,
    signal,
    onReady: ({ pending }) => {
      const waiting = pending === 0 ? 'none' : `${pending} event${pending === 1 ? '' : 's'}`;
      const to = `hook ${hook.id} (${name}) to ${target.href}`;
      out.note(isFirst ? `ready: forwarding ${to}, ${waiting} waiting` : 'connected again');
      isFirst = false;
    },
    onState: (state) => {
      if (state.kind === 'lost') out.note(`connection lost (${shown(state.detail)}); trying again`);
    },
  });
  for await (const delivery of deliveries) {
    // As many at once as the hook's concurrency lets go out.
    void exchange(context, target, delivery);
  }
}

async function exchange({ out, signal }: Context, target: URL, delivery: ListenerDelivery): Promise<void> {
  const result = await forward(target, delivery, signal);
  if (signal.aborted) return;
  const wasTold = result.kind === 'answer' ? delivery.answer(result) : delivery.fail(result.error);
  const { eventId, attempt } = delivery;
  const { type, subject } = eventOf(delivery);
  const { durationMs } = result;
  const came = result.kind === 'answer' ? { status: result.status } : { error: result.error };
  out.result(
    { eventId, attempt, type, subject, ...came, durationMs, wasTold },
    `${eventId} ${shown(type)} ${shown(subject ?? '')} -> ${outcomeText(out, result)} in ${durationMs} ms` +
      (wasTold ? '' : ' (the connection was lost meanwhile: it will come again)'),
  );
}

function outcomeText(out: Context['out'], result: Exchange): string {
  if (result.kind === 'failed') return out.style('red', `${result.error}: ${shown(result.detail, 100)}`);
  return out.style(result.status < 300 ? 'green' : 'red', String(result.status));
}

/** Made once, found ever after; its name is the user's, its uid follows from it. */
async function listenerHook(
  { relay, out }: Context,
  name: string,
  events: string[] | undefined,
): Promise<Pick<Hook, 'id'>> {
  const uid = uidOf(name);
  const found = await hookByUid(relay, uid);
  if (found === null) {
    const made = await relay.hooks.create({ url: LISTEN_URL, uid, name, events });
    out.note(`Made hook ${made.id}; \`posthorn hooks secret ${made.id}\` says what it signs with.`);
    return made;
  }
  if (found.url !== LISTEN_URL) throw usage(`The hook ${uid} posts to a URL; give another --name.`);
  const isAsAsked = events === undefined || JSON.stringify(events) === JSON.stringify(found.events);
  return isAsAsked ? found : await relay.hooks.update(found.id, { events });
}

async function hookByUid(relay: Context['relay'], uid: string): Promise<Hook | null> {
  for await (const hook of relay.hooks.list()) if (hook.uid === uid) return hook;
  return null;
}

function uidOf(name: string): string {
  const slug = name.toLowerCase().replaceAll(/[^a-z0-9._-]+/g, '-');
  return `listen.${slug}`.slice(0, 63);
}

/** What the formats say of the event in their headers, or in their body. */
function eventOf({ headers, body }: ListenerDelivery): { type: string; subject: string | null } {
  const type = headers['ce-type'] ?? headers['posthorn-type'];
  if (type !== undefined)
    return { type, subject: headers['ce-subject'] ?? headers['posthorn-subject'] ?? null };
  try {
    const envelope = JSON.parse(new TextDecoder().decode(body)) as { type?: unknown; subject?: unknown };
    const subject = typeof envelope.subject === 'string' ? envelope.subject : null;
    return { type: typeof envelope.type === 'string' ? envelope.type : 'event', subject };
  } catch {
    return { type: 'event', subject: null };
  }
}
