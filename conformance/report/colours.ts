/** Colours a text for a terminal, or leaves it. */
export interface Colours {
  good: (text: string) => string;
  bad: (text: string) => string;
  doubtful: (text: string) => string;
  quiet: (text: string) => string;
  strong: (text: string) => string;
}

const sgr =
  (open: number, close: number) =>
  (text: string): string =>
    `\u001B[${open}m${text}\u001B[${close}m`;

const terminal: Colours = {
  good: sgr(32, 39),
  bad: sgr(31, 39),
  doubtful: sgr(33, 39),
  quiet: sgr(2, 22),
  strong: sgr(1, 22),
};

const same = (text: string): string => text;

const none: Colours = {
  good: same,
  bad: same,
  doubtful: same,
  quiet: same,
  strong: same,
};

/** Colours only on a terminal, and not where NO_COLOR is set to something. */
export function coloursFor(
  stream: { isTTY?: boolean },
  env: NodeJS.ProcessEnv = process.env,
): Colours {
  return stream.isTTY === true && !env['NO_COLOR'] ? terminal : none;
}
