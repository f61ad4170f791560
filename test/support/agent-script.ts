import { hello } from './hello.js';

/**
 * A program that is an agent over stdio, or over TCP if the environment says so: it
 * says hello with every call of a scenario, answers `end`, and runs `onstep`. `begin`
 * runs first.
 */
export const agentScript = ({
  begin = '',
  onstep = "say({ type: 'unsupported', seq: message.seq, what: 'anything' })",
  onend = "say({ type: 'ended', seq: message.seq })",
  first = 'say({ ...hello, token: process.env.GOODBYTE_AGENT_TOKEN })',
}: {
  begin?: string;
  onstep?: string;
  onend?: string;
  first?: string;
} = {}): string => `
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
const hello = ${JSON.stringify(hello)};
const where = process.env.GOODBYTE_AGENT_CONNECT?.split(':');
const socket = where && connect(Number(where[1]), where[0]);
const output = socket ?? process.stdout;
const say = (message) => output.write(JSON.stringify(message) + '\\n');
${begin};
${first};
createInterface(socket ?? process.stdin).on('line', (line) => {
  const message = JSON.parse(line);
  if (message.type === 'step') { ${onstep}; }
  if (message.type === 'end') { ${onend}; }
});
`;
