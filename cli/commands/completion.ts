import type { Command } from 'commander';
import { COMMANDS } from './commands.ts';
import type { Context } from '../context.ts';
import { usage } from '../exit.ts';
import { action } from '../action.ts';

const HELP = `
Examples:
  source <(posthorn completion bash)
  posthorn completion zsh > "\${fpath[1]}/_posthorn"`;

export function define(command: Command): void {
  command.argument('<shell>', 'bash or zsh').addHelpText('after', HELP).action(action(completion));
}

/** Also of those commands that are not read yet. */
async function completion({ out }: Context, [shell = '']: readonly string[]): Promise<void> {
  const { Command } = await import('commander');
  const words: Record<string, string[]> = {};
  for (const [name, { load }] of Object.entries(COMMANDS)) {
    const command = new Command(name);
    (await load()).define(command);
    const options = command.options.flatMap(({ long }) => long ?? []);
    words[name] = [...command.commands.map((one) => one.name()), ...options, ...COMMON];
  }
  if (shell === 'bash') out.raw(bash(words));
  else if (shell === 'zsh') out.raw(zsh(words));
  else throw usage(`Expected bash or zsh, got ${shell}`);
}

const COMMON = ['--json', '--relay', '--key', '--tenant', '--help'];

function bash(words: Readonly<Record<string, readonly string[]>>): string {
  const cases = Object.entries(words).map(([name, list]) => `    ${name}) words='${list.join(' ')}' ;;`);
  return `_posthorn() {
  local words
  case "\${COMP_WORDS[1]}" in
${cases.join('\n')}
  esac
  if [ "$COMP_CWORD" -eq 1 ]; then words='${Object.keys(words).join(' ')}'; fi
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _posthorn posthorn
`;
}

function zsh(words: Readonly<Record<string, readonly string[]>>): string {
  const names = Object.entries(COMMANDS).map(
    ([name, { summary }]) => `    '${name}:${summary.replaceAll("'", '’')}'`,
  );
  const cases = Object.entries(words).map(([name, list]) => `    ${name}) compadd -- ${list.join(' ')} ;;`);
  return `#compdef posthorn
_posthorn() {
  local -a commands=(
${names.join('\n')}
  )
  if (( CURRENT == 2 )); then _describe command commands; return; fi
  case "$words[2]" in
${cases.join('\n')}
  esac
  _files
}
compdef _posthorn posthorn
`;
}
