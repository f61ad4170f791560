import { statSync } from 'node:fs';
import path from 'node:path';

/** The parts of the system that decide how a program is started. */
export interface Surroundings {
  platform: NodeJS.Platform;
  env: NodeJS.ProcessEnv;
  isFile: (file: string) => boolean;
}

const here: Surroundings = {
  platform: process.platform,
  env: process.env,
  isFile: (file) =>
    statSync(file, { throwIfNoEntry: false })?.isFile() ?? false,
};

/** Arguments for `spawn`. */
export interface Start {
  program: string;
  args: readonly string[];
  /** The arguments are a command line already, and must not be quoted again. */
  verbatim: boolean;
}

/** Files that Windows starts by itself, and those that are cmd.exe's. */
const EXECUTABLE = /\.(?:exe|com)$/i;
const BATCH = /\.(?:cmd|bat)$/i;

/** The programs that start other scripts on Windows. */
const interpreters: Record<string, string> = {
  '.js': 'node',
  '.cjs': 'node',
  '.mjs': 'node',
  '.py': 'py',
  '.ps1': 'powershell -NoProfile -File',
  '.sh': 'bash',
};

/**
 * The way to start a program. On Windows, where the system starts only `.exe`
 * files, it is looked up as by a shell, and cmd.exe starts a `.cmd` or `.bat` file
 * (such as npx).
 *
 * @throws {RangeError} it cannot be started this way; suggests what to type.
 */
export function startOf(
  [program = '', ...args]: readonly string[],
  surroundings: Surroundings = here,
): Start {
  if (surroundings.platform !== 'win32') {
    return { program, args, verbatim: false };
  }
  const file = lookUp(program, surroundings);
  if (file === undefined) {
    throw new RangeError(
      `no program ${program}${hintOn(program, args, surroundings)}`,
    );
  }
  if (EXECUTABLE.test(file)) return { program: file, args, verbatim: false };
  if (BATCH.test(file)) return startOfBatch(file, args, surroundings);
  const by = interpreters[path.win32.extname(file).toLowerCase()] ?? 'PROGRAM';
  throw new RangeError(
    `${program} is not a program for Windows; name the one that runs it, as in ` +
      `${by} ${quoted(program)}`,
  );
}

/** The file of a program, as a shell finds it: PATH and PATHEXT. */
function lookUp(
  program: string,
  { env, isFile }: Surroundings,
): string | undefined {
  const folders = /[\\/:]/.test(program)
    ? ['']
    : ['.', ...valueOf(env, 'PATH').split(';')];
  const endings = valueOf(env, 'PATHEXT') || '.COM;.EXE;.BAT;.CMD';
  // A name with an extension is a file's; one without may be a script for
  // another system, beside the intended shim.
  const names = [
    ...(path.win32.extname(program) === '' ? [] : [program]),
    ...endings.split(';').map((ending) => program + ending.toLowerCase()),
    program,
  ];
  return folders
    .flatMap((folder) => names.map((name) => path.win32.join(folder, name)))
    .find((file) => isFile(file));
}

/** Windows' names of variables are of any case. */
function valueOf(env: NodeJS.ProcessEnv, name: string): string {
  const key = Object.keys(env).find((one) => one.toUpperCase() === name);
  return (key === undefined ? undefined : env[key]) ?? '';
}

/** A hint where a path with blanks may have been split into words. */
function hintOn(
  program: string,
  args: readonly string[],
  surroundings: Surroundings,
): string {
  const words = [program, ...args];
  const whole = words
    .map((_, index) => words.slice(0, index + 1).join(' '))
    .findLast((text) => lookUp(text, surroundings) !== undefined);
  return whole === undefined
    ? ', neither as a path nor in PATH'
    : `; a path with blanks needs quotes: ${quoted(whole)}`;
}

/**
 * A batch file, by cmd.exe: between quotes it takes everything as it is but
 * quotes, percent signs and line ends, which cannot be passed safely.
 */
function startOfBatch(
  file: string,
  args: readonly string[],
  { env }: Surroundings,
): Start {
  const bad = [file, ...args].find((word) => /["%\r\n]/.test(word));
  if (bad !== undefined) {
    throw new RangeError(
      `${file} is a batch file, and cannot be given ${JSON.stringify(bad)}: ` +
        'quotes, percent signs and line ends mean something to cmd.exe; start ' +
        'the program that it starts, as in node path\\to\\script.js',
    );
  }
  // cmd.exe takes off the outer quotes.
  const line = [file, ...args].map(quoted).join(' ');
  return {
    program: valueOf(env, 'COMSPEC') || 'cmd.exe',
    args: ['/d', '/v:off', '/s', '/c', `"${line}"`],
    verbatim: true,
  };
}

/** Quoted, with backslashes at the end that do not escape the quote. */
const quoted = (word: string): string =>
  `"${word.replace(/\\+$/, (run) => run + run)}"`;
