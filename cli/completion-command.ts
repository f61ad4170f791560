import { helpTexts } from './help.js';
import type { Io } from './io.js';
import { parseWithFiles, UsageError } from './usage-error.js';

/** Each command, as typed, with the options that its help names. */
function optionsByCommand(): [string, string[]][] {
  return Object.values(helpTexts).flatMap((text) => {
    const usage = /^Usage: goodbyte ([a-z ]*[a-z])/.exec(text)?.[1];
    if (usage === undefined) return [];
    const options = [...text.matchAll(/(?<=^ +(?:-\w, )?)--[\w-]+/gm)];
    return [[usage, [...new Set(options.map(([option]) => option))]]];
  });
}

/** The words that may follow others: `''`, `conformance`. */
function wordsAfter(): Map<string, string[]> {
  const words = new Map<string, string[]>();
  for (const [command, options] of optionsByCommand()) {
    const parts = command.split(' ');
    for (const [index, part] of parts.entries()) {
      const before = parts.slice(0, index).join(' ');
      const known = words.get(before) ?? [];
      if (!known.includes(part)) words.set(before, [...known, part]);
    }
    words.set(command, [...(words.get(command) ?? []), ...options]);
  }
  const behindHelp = new Map<string, string[]>();
  for (const [before, after] of words) {
    const commands = after.filter((word) => !word.startsWith('-'));
    if (commands.length > 0) behindHelp.set(`help ${before}`.trim(), commands);
  }
  words.set('', [...words.get('')!, 'help']);
  return new Map([...words, ...behindHelp]);
}

function bash(): string {
  const cases = [...wordsAfter()].map(
    ([before, after]) => `    '${before}') words='${after.join(' ')}' ;;\n`,
  );
  return (
    '_goodbyte() {\n' +
    '  local words= before= word\n' +
    '  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do\n' +
    '    case $word in -*) ;; *) before="${before:+$before }$word" ;; esac\n' +
    '  done\n' +
    `  case $before in\n${cases.join('')}  esac\n` +
    '  COMPREPLY=($(compgen -W "$words" -- "${COMP_WORDS[COMP_CWORD]}"))\n' +
    '}\n' +
    'complete -o default -F _goodbyte goodbyte\n'
  );
}

function fish(): string {
  return [...wordsAfter()]
    .map(([before, after]) => {
      const words = before === '' ? [] : before.split(' ');
      const when =
        words.length === 0
          ? '__fish_use_subcommand'
          : words
              .map((word) => `__fish_seen_subcommand_from ${word}`)
              .join('; and ');
      return `complete -c goodbyte -n '${when}' -a '${after.join(' ')}'\n`;
    })
    .join('');
}

const shells: Record<string, () => string> = {
  bash,
  zsh: () => `autoload -U +X bashcompinit && bashcompinit\n${bash()}`,
  fish,
};

/** `goodbyte completion SHELL` */
export function completionCommand(
  args: readonly string[],
  { stdout }: Io,
): number {
  const { files } = parseWithFiles(args, {});
  const [shell = ''] = files;
  if (files.length !== 1 || !Object.hasOwn(shells, shell)) {
    throw new UsageError('completion takes bash, zsh or fish');
  }
  stdout.write(shells[shell]!());
  return 0;
}
