import { execFile } from 'node:child_process';

/** Milliseconds after which a program that hangs is ended. */
const TIME_LIMIT = 900_000;

/** Runs a program to its end. @returns {Promise<string>} its output. */
export function run(program, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = execFile(
      program,
      args,
      { timeout: TIME_LIMIT, killSignal: 'SIGKILL', ...options },
      (error, stdout, stderr) => {
        const printed = stdout + stderr;
        if (error) reject(new Error(`${error.message}\n${printed}`));
        else resolve(printed);
      },
    );
    child.stdin.end();
  });
}

/** Runs a program of this Node. */
export const node = (args, options) => run(process.execPath, args, options);
