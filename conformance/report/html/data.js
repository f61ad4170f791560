/** The page's data: PageData of page-data.ts. */
const octets = Uint8Array.from(
  atob(document.getElementById('data').textContent),
  (character) => character.charCodeAt(0),
);
export const data = await new Response(
  new Blob([octets])
    .stream()
    .pipeThrough(new DecompressionStream('deflate-raw')),
).json();

const severity = [
  null,
  'OK',
  'INFORMATIONAL',
  'NON-STRICT',
  'UNIMPLEMENTED',
  'FAILED',
];

export const verdicts = severity.slice(1);

/** The gravest of some verdicts. */
export const gravest = (some) =>
  severity[Math.max(0, ...some.map((one) => severity.indexOf(one)))];

/** Both verdicts of a case in a report; nothing if it does not have the case. */
export function verdictsOf(tested, report) {
  const runs = tested.runs[report];
  if (runs.length === 0) return undefined;
  return {
    data: gravest(runs.map((run) => run.data)),
    teardown: gravest(runs.map((run) => run.teardown)),
    failed: runs.some((run) => run.failed && run.known === undefined),
    known: runs.some((run) => run.failed && run.known !== undefined),
  };
}

export const isUnexpectedPass = (tested, report) =>
  data.reports[report].unexpectedPasses.some(
    (pass) => pass.case === tested.name,
  );

/** Whether a case failed in one of the reports that count. */
export const isFailing = (tested) =>
  data.reports.some(
    (_, report) =>
      verdictsOf(tested, report)?.failed || isUnexpectedPass(tested, report),
  );
