// The table of the framed lifecycle, in the model's words. It is written to
// conformance/model/table.pml, and a test compares the file with the table.

import { winsockErrorName } from '../dist/src/vocabulary/error-codes.js';
import { lifecycle, states } from '../dist/src/provider/framed/lifecycle.js';

/** Not in the model, which reads all input in one step, and whose peers all frame. */
const LEFT_OUT = ['receive', 'plain'];

/** The kinds of actions, in the model's order. */
const KINDS = [
  /^(?:dial|call|greet|offer|send(?!Fin)\w*|deliver)$/,
  /^(?:sendFin|part|release|reset|cut|linger|lingerBriefly|leave|complain)$/,
  /^(?:indicate\w*|withdraw|expire|disqualify|dismiss|hearLastWord|fail)$/,
];

const CALLS =
  /^(?:connect|accept|reject|send|disconnect|disconnectWithData|shutdown|close|abort)$/;

const WIDTH = 80;

/** @returns the row's cell, or `undefined` if it cannot happen. */
function cellOf(state, input, { to, actions, status }) {
  if (actions.includes('never')) return undefined;
  // Sending data changes no state, and the model counts it.
  const done = input === 'send' && status === 0 ? ['send'] : actions;
  if (!to && done.length === 0) {
    if (!CALLS.test(input)) return 'skip';
    return `refuse(${status === 0 ? 0 : winsockErrorName(status)})`;
  }
  const kinds = KINDS.map((kind) => done.filter((action) => kind.test(action)));
  if (kinds.flat().join(' ') !== done.join(' ') || kinds.some((of) => of[1])) {
    throw new Error(`the model cannot do this: ${state}, ${input}: ${done}`);
  }
  const slots = kinds.map(([action]) => (action ? `do_${action}` : '0'));
  return `go(${[to ?? state, ...slots].join(', ')})`;
}

function option(inputs, cell) {
  const lines = ['  '];
  for (const [index, input] of inputs.entries()) {
    const word = `${index === 0 ? ' ::' : ''} in == in_${input}${index + 1 < inputs.length ? ' ||' : ' ->'}`;
    const longer = lines.at(-1) + word;
    if (longer.length > WIDTH) lines.push(`     ${word}`);
    else lines[lines.length - 1] = longer;
  }
  const longer = `${lines.at(-1)} ${cell}`;
  if (longer.length > WIDTH) lines.push(`      ${cell}`);
  else lines[lines.length - 1] = longer;
  return lines.join('\n');
}

function row(state) {
  const cells = new Map();
  for (const [input, cell] of Object.entries(lifecycle[state])) {
    if (LEFT_OUT.includes(input)) continue;
    const text = cellOf(state, input, cell);
    if (text) cells.set(text, [...(cells.get(text) ?? []), input]);
  }
  return [
    `:: state[e] == ${state} ->`,
    '   if',
    ...Array.from(cells, ([cell, inputs]) => option(inputs, cell)),
    '   :: else -> NEVER',
    '   fi',
  ].join('\n');
}

/** The text of table.pml. */
export function modelTable() {
  return `/*
 * The table of src/provider/framed/lifecycle.ts: npm run model -- --table
 * writes it. What cannot happen there breaks an assertion here; a call that is
 * refused changes nothing.
 */

#define refuse(code) printf("status %d %d\\n", e, code)

if
${states.map(row).join('\n\n')}
fi
`;
}
