/** The program of all commands; reads from disk only the one that is asked for. */
import { Command, CommanderError } from 'commander';
import about from '../package.json' with { type: 'json' };
import { COMMANDS } from './commands/commands.ts';
import { EXIT, exitCodeOf, messageOf, type ExitCode } from './exit.ts';

const EPILOGUE = `
Every command takes --json, --relay, --key and --tenant. What they do not say comes from POSTHORN_URL and
POSTHORN_KEY, then from \`posthorn login\`, then from the relay that \`npm start\` runs in this clone.

Exit codes: 0 done, 1 failed, 2 differs (plan) or found something (doctor), 3 usage, 4 unauthorized,
5 relay unreachable, 6 local target unreachable, 7 somebody else listens.

The first hour:
  npm start
  npm run posthorn -- listen --forward http://localhost:3000/`;

export async function run(args: readonly string[]): Promise<ExitCode> {
  const program = await programFor(args);
  try {
    await program.parseAsync(args, { from: 'user' });
    return EXIT.done;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
    const message = messageOf(error);
    if (message !== '') process.stderr.write(`posthorn: ${message}\n`);
    return exitCodeOf(error);
  }
}

async function programFor(args: readonly string[]): Promise<Command> {
  const program = withCommonOptions(new Command('posthorn'))
    .description('The command line of a Posthorn relay.')
    .version(about.version)
    .addHelpText('after', EPILOGUE)
    .showHelpAfterError('(`posthorn --help` lists the commands, `posthorn COMMAND --help` explains one.)')
    .exitOverride();
  const asked = args.find((arg) => Object.hasOwn(COMMANDS, arg));
  for (const [name, { summary, load }] of Object.entries(COMMANDS)) {
    const command = program.command(name).summary(summary).description(summary);
    if (name === asked) (await load()).define(command);
    for (const one of [command, ...command.commands]) withCommonOptions(one);
  }
  return program;
}

function withCommonOptions(command: Command): Command {
  return command
    .option('--json', 'print results as lines of JSON')
    .option('--relay <url>', 'URL of the relay')
    .option('--key <key>', 'key of a tenant, or the admin key')
    .option('--tenant <id>', 'with the admin key: whose');
}
