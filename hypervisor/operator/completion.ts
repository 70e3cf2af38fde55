/**
 * `limevisor completion bash|zsh|fish`: completion scripts for shells, generated from the commands.
 */

/** A command, as the command line has it. */
export interface Completed {
  readonly name: string;
  readonly description: string;
  /** Long ones: `--json`. */
  readonly options: readonly string[];
}

export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

/** A script that the shell reads: `source <(limevisor completion bash)`. */
export function completionScript(shell: Shell, commands: readonly Completed[]): string {
  return { bash, zsh, fish }[shell](commands);
}

function bash(commands: readonly Completed[]): string {
  const cases = commands.map(({ name, options }) => {
    return `    ${name}) words='${options.join(' ')}' ;;`;
  });
  return `_limevisor() {
  local word=\${COMP_WORDS[COMP_CWORD]} words='' i command=''
  for ((i = 1; i < COMP_CWORD; i++)); do
    case \${COMP_WORDS[i]} in
      --socket) i=$((i + 1)) ;;
      -*) ;;
      *) command=\${COMP_WORDS[i]}; break ;;
    esac
  done
  case $command in
    '') words='${commands.map(({ name }) => name).join(' ')} --socket --help --version' ;;
${cases.join('\n')}
  esac
  COMPREPLY=()
  if [[ $command = '' || $word = -* ]]; then
    COMPREPLY=($(compgen -W "$words" -- "$word"))
  else
    COMPREPLY=($(compgen -f -- "$word"))
  fi
}
complete -o filenames -F _limevisor limevisor`;
}

function zsh(commands: readonly Completed[]): string {
  const all = commands.map(({ name, description }) => `    ${quoted(`${name}:${description}`)}`);
  const cases = commands.map(({ name, options }) => {
    return `    ${name}) compadd -- ${options.join(' ')}; _files ;;`;
  });
  return `#compdef limevisor
_limevisor() {
  local -a commands=(
${all.join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  case $words[2] in
${cases.join('\n')}
    *) _files ;;
  esac
}
compdef _limevisor limevisor`;
}

function fish(commands: readonly Completed[]): string {
  const lines = commands.flatMap(({ name, description, options }) => [
    `complete -c limevisor -n __fish_use_subcommand -a ${name} -d ${quoted(description)}`,
    ...options.map((option) => {
      const long = option.replace(/^--/, '');
      return `complete -c limevisor -n '__fish_seen_subcommand_from ${name}' -l ${long}`;
    }),
  ]);
  return lines.join('\n');
}

/** As one word of a shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
