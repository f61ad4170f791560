import { sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { filesUnder } from './files.mjs';

/**
 * The folders of test/ where the library opens sockets, so that their tests depend on
 * the system and the transport. (test/conformance/transports.test.ts runs scenarios
 * on each pair of transports.)
 */
export const FOLDERS_OF_SOCKETS = [
  'provider/framed',
  'server',
  'socket',
  'winsock',
];

/**
 * Turns `test/a.test.ts`, as it is typed, into `dist/test/a.test.js`, which runs; a
 * folder into all tests in it.
 */
export function compiled(argument) {
  const path = argument.split(sep).join('/').replace(/^\.\//, '');
  if (!path.startsWith('test/')) return [argument];
  if (/\.[cm]?ts$/.test(path)) {
    return [`dist/${path.replace(/\.([cm]?)ts$/, '.$1js')}`];
  }
  const root = fileURLToPath(new URL('..', import.meta.url));
  return testsIn(root, path.slice('test/'.length));
}

/**
 * Tests that can share a process: they leave nothing behind in it.
 */
const SHARING = [
  ...FOLDERS_OF_SOCKETS,
  'architecture',
  'bench/(checks|patience)',
  'chain',
  'cli/(broken-runs|cli|completion|everyday|exec|manual-page|media)',
  'cli/(merge-diff|proxy|run-options)',
  'conformance/(command-line|coverage|model|mutate|order|protocol|scenario)',
  'docs/(errors|samples)',
  'examples/(anywhere|behind-a-proxy|client-certificates|drain|http|jobs)',
  'examples/python',
  'lifecycle/(allocation|descriptors|exit|handshakes|listeners)',
  'lifecycle/(natural-exit|permission)',
  'native/(bindings|reference-fields)',
  'provider/attempts',
  'report/(capabilities|case-list|known-failures|reports|table)',
  'runtime',
  'tcp-reset',
  'scripts/(check-prebuilds|fixed-addresses|fuzz|wine-server|workflows)',
  'wireshark',
];
const CAN_SHARE = new RegExp(`^dist/test/(${SHARING.join('|')})[/.]`);
/** Groups, so that each processor gets some of these. */
const SHARE_AT_MOST = 12;

/** Only --all runs these. */
export const WHOLE = 'dist/test/whole/';

const named = (names) => names.map((name) => `dist/test/${name}.test.js`);

/**
 * The slowest tests. They begin first, so that at the end no processor is idle while
 * another still runs one of them.
 */
const LONGEST = named([
  'bench/bench',
  'bench/soak',
  'provider/framed/transports',
  'proxies/proxies',
  'report/page',
  'scale/restart',
  'scale/held',
  'scripts/setup',
  'lifecycle/memory',
  'lifecycle/workers',
  'scripts/test-run',
  'conformance/suite',
  'simulation/simulation',
  'conformance/python-agent',
  'scripts/conformance-workflow',
  'provider/winsock2/scenarios',
  'native/framing',
  'socket/completions',
  'cli/processes',
  'abuse/abuse',
  'report/cases',
  'examples/ledger',
  'lifecycle/loading',
]);

/**
 * Tests that mostly wait, for a limit to pass or for one another; the slowest come
 * first.
 */
const WAITING = named([
  'windows/between-systems',
  'windows/reference-provider/provider',
  'provider/winsock2/windows',
  'conformance/transports',
  'conformance/wrong-agents',
  'conformance/agent-protocol',
  'conformance/limits',
  'socket/idle',
  'conformance/families',
  'conformance/behaviour',
  'lifecycle/busy',
  'provider/framed/lingering',
  'conformance/honesty',
  'conformance/lost-agents',
  'provider/framed/idle',
]);

const FIRST = [...WAITING, ...LONGEST];
const BY_ITSELF = new Set(FIRST);

function rank([file]) {
  if (file.startsWith(WHOLE)) return 0;
  return FIRST.indexOf(file) + 1 || FIRST.length + 1;
}

/** Groups of files, in the order in which they begin. */
export const longestFirst = (groups) =>
  groups.toSorted((a, b) => rank(a) - rank(b));

/** Whether a group of files mostly waits. */
export const mostlyWaits = ([file]) => WAITING.includes(file);

/** The compiled tests below a folder of dist/test, relative to the root. */
export function testsIn(root, folder = '') {
  const files = filesUnder(root, `dist/test/${folder}`).filter((file) =>
    file.endsWith('.test.js'),
  );
  const longest = FIRST.filter((file) => files.includes(file));
  return [...new Set([...longest, ...files])];
}

/**
 * Keeps the order, and groups neighbours that can share a process and do not take
 * long.
 */
export function grouped(files) {
  const groups = [];
  let sharing;
  for (const file of files) {
    if (!CAN_SHARE.test(file) || BY_ITSELF.has(file)) groups.push([file]);
    else if (sharing && sharing.length < SHARE_AT_MOST) sharing.push(file);
    else groups.push((sharing = [file]));
  }
  return groups;
}
