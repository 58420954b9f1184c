/** The demo's last part: a program on this machine, which is not always there, and to which all is sent again. */
import { contactEvent, PRODUCT_CREATED } from './bodies.ts';
import { Command } from './command.ts';
import { heading, must, post, posted, signatureOf, SOURCE_SECRET, type Demonstrated } from './demonstrate.ts';
import type { Arrived, Inbox } from './inbox.ts';

/** `commands`: told which are started, for whoever has to end them. */
export async function atLocalhost(
  url: string,
  adminKey: string,
  inbox: Inbox,
  inboundUrls: Demonstrated,
  commands: Command[],
): Promise<void> {
  heading('5. At localhost: posthorn listen');
  const run = (...args: readonly string[]) => {
    const command = new Command(args, url, adminKey);
    commands.push(command);
    return command;
  };
  const listening = ['listen', '--forward', `${inbox.url}/local`, '--name', 'demo'];
  const fromSuperoffice = async (number: number) => {
    const body = contactEvent(number);
    const signed = { 'x-superoffice-signature': signatureOf(body, SOURCE_SECRET) };
    posted('SuperOffice', 'contact.changed', await post(inboundUrls.superoffice, body, signed), 200, '"id"');
  };
  const fromDeskera = async () => {
    const body = PRODUCT_CREATED.replace('P-0000042', 'P-0000043');
    posted(
      'Deskera',
      'CREATE_PRODUCTS',
      await post(`${inboundUrls.deskera}/CREATE_PRODUCTS`, body),
      200,
      '"id"',
    );
  };

  const first = run(...listening);
  console.log(`   ${await first.line('ready:')}`);
  await fromSuperoffice(1);
  await fromDeskera();
  console.log(`   ${await first.line('deskera.product.created')}`);
  await first.end();
  console.log('   it is ended, and two more come in');
  await fromSuperoffice(2);
  await fromSuperoffice(3);
  console.log(`   ${await run(...listening).line('ready:')}`);
  const arrived = await inbox.all('/local', 4);
  const places = arrived.map(({ headers }) => headers['posthorn-sequence']).join();
  must(places === '1,2,3,4', `four arrive in order; got ${places}`);
  console.log('     ok all four arrived, in order');
  console.log(`   ${await run('replay', 'listen.demo', '--status', 'any').line('Replay')}`);
  const again = (await inbox.all('/local', 8)).slice(4);
  const ids = (some: readonly Arrived[]) => some.map(({ headers }) => headers['webhook-id']).join();
  must(ids(again) === ids(arrived), 'the same four arrive once more, in order');
  console.log('     ok all four arrived once more, in order');
}
