import { basename } from 'node:path';
import { parseArgs } from 'node:util';

/** Node's parseArgs; a wrong option is reported, and ends the process with 2. */
export function parseOptions(config) {
  try {
    return parseArgs(config);
  } catch (error) {
    process.stderr.write(
      `${basename(process.argv[1], '.mjs')}: ${error.message}\n`,
    );
    return process.exit(2);
  }
}
