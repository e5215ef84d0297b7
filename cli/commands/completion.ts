import { COMMON_FLAGS, type Command } from '../command.ts';
import { UsageError } from '../session.ts';

/** What comes after `kubectl berth`, for bash and zsh. Names of objects are not asked for: a key stroke sends no request. */
export function completion(commands: () => readonly Command[]): Command {
  return {
    name: 'completion',
    args: ['SHELL'],
    help: 'a completion script for bash or zsh: source <(kubectl berth completion bash)',
    async run({ print }, [shell]) {
      if (shell !== 'bash' && shell !== 'zsh') throw new UsageError(`completion ${shell}: give bash or zsh`);
      print(
        shell === 'zsh'
          ? `autoload -U +X bashcompinit && bashcompinit\n${script(commands())}`
          : script(commands()),
      );
    },
  };
}

function script(commands: readonly Command[]): string {
  const firsts = [...new Set(commands.map(({ name }) => name.split(' ')[0]))].join(' ');
  const cases = commands.map(({ name, flags }) => {
    const all = Object.keys({ ...flags, ...COMMON_FLAGS }).map((flag) => `--${flag}`);
    return `    "${name}"*) words="${all.join(' ')}" ;;`;
  });
  const seconds = commands
    .filter(({ name }) => name.includes(' '))
    .map(({ name }) => name.split(' ') as [string, string]);
  const groups = [...new Set(seconds.map(([first]) => first))].map(
    (first) =>
      `    "${first} ") words="${seconds
        .filter(([it]) => it === first)
        .map(([, second]) => second)
        .join(' ')}" ;;`,
  );
  return `_kubectl_berth() {
  local current="\${COMP_WORDS[COMP_CWORD]}" line="\${COMP_WORDS[*]:1:COMP_CWORD-1}" words=""
  line="\${line#berth }"
  case "$line " in
    " "|"berth ") words="${firsts}" ;;
${groups.join('\n')}
${cases.join('\n')}
  esac
  COMPREPLY=( $(compgen -W "$words" -- "$current") )
}
complete -F _kubectl_berth kubectl-berth
`;
}
