import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { node } from '../support/run.mjs';

const cwd = fileURLToPath(new URL('.', import.meta.url));
const addons = `${cwd}/node_modules/goodbyte/prebuilds/${process.platform}-${process.arch}`;
const hasEngine = existsSync(addons) || process.env.GOODBYTE_ADDON;

export const transports = hasEngine ? ['engine', 'stream'] : ['stream'];

/** Names of the programs in a folder. */
export const programsIn = (folder) =>
  readdirSync(`${cwd}/${folder}`).map((file) => `${folder}/${file}`);

/** @returns {Promise<string>} the program's output, if it succeeds. */
export const runOn = (transport, program, environment) =>
  node([program], {
    cwd,
    env: { ...process.env, GOODBYTE_TRANSPORT: transport, ...environment },
  });
