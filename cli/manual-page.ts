import { helpTexts } from './help.js';

const escaped = (text: string): string =>
  text
    .replaceAll('\\', String.raw`\e`)
    .replaceAll('-', String.raw`\-`)
    .replaceAll("'", String.raw`\(aq`)
    .replaceAll('^', String.raw`\(ha`)
    .replaceAll('~', String.raw`\(ti`)
    // A line that begins with it would be a request.
    .replaceAll(/^\./gm, String.raw`\&.`);

/** Options in bold, values in italics: `--timeout MS`. */
const marked = (text: string): string =>
  escaped(text)
    .replaceAll(/(?<![\w\\-])(?:\\-){1,2}\w[\w\\-]*/g, String.raw`\fB$&\fR`)
    .replaceAll(/\b[A-Z]{2,}\b|\b[A-Z]\b/g, String.raw`\fI$&\fR`);

const joined = (lines: string[]): string =>
  lines.map((line) => line.trim()).join(' ');

/** `  --option VALUE  its text`, and the lines that go on with it. */
function entries(lines: string[]): string {
  const tagged: { tag: string; text: string[] }[] = [];
  for (const line of lines) {
    const [, tag, text = ''] = /^ {2}(\S.*?)(?: {2,}(.*))?$/.exec(line) ?? [];
    if (tag === undefined) tagged.at(-1)?.text.push(line);
    else tagged.push({ tag, text: [text] });
  }
  return tagged
    .map(({ tag, text }) => `.TP\n${marked(tag)}\n${escaped(joined(text))}\n`)
    .join('');
}

/** One block of a help text, between empty lines. */
function block(lines: string[], heading: string): string {
  const [first = '', ...rest] = lines;
  if (first.endsWith(':') && rest[0]?.startsWith('  ')) {
    return `${heading} ${first.slice(0, -1)}\n${entries(rest)}`;
  }
  if (first.startsWith('  ')) {
    return `.PP\n.EX\n${escaped(lines.join('\n'))}\n.EE\n`;
  }
  const title = first.startsWith('Exit code')
    ? `${heading} Exit codes\n`
    : '.PP\n';
  return `${title}${escaped(joined(lines))}\n`;
}

function usage(lines: string[]): string {
  const shown = lines.map((line) => line.replace(/^(Usage:)? +/, ''));
  return `.nf\n${marked(shown.join('\n'))}\n.fi\n`;
}

/** The synopsis of a help text, and all that comes after it. */
function parts(text: string, heading: string): [string, string] {
  const [synopsis = [], ...blocks] = text
    .trimEnd()
    .split('\n\n')
    .map((part) => part.split('\n'));
  return [
    usage(synopsis),
    blocks.map((lines) => block(lines, heading)).join(''),
  ];
}

/**
 * goodbyte(1), in the macros of man(7), from the texts that `--help` prints.
 */
export function manualPage(version: string): string {
  const { goodbyte, ...commands } = helpTexts;
  const [synopsis, description] = parts(goodbyte, '.SH');
  const sections = Object.values(commands).map((text) => {
    const name = /^Usage: (goodbyte [a-z ]*[a-z])/.exec(text)![1]!;
    return `.SH ${name}\n${parts(text, '.SS').join('')}`;
  });
  return [
    `.\\" Made from the texts of --help.\n`,
    `.TH GOODBYTE 1 "" "goodbyte ${version}" "User Commands"\n`,
    // Commands to type stay on one line.
    '.nh\n.ad l\n',
    '.SH NAME\n',
    String.raw`goodbyte \- first and last words for sockets`,
    '\n.SH SYNOPSIS\n',
    synopsis,
    '.SH DESCRIPTION\n',
    description,
    ...sections,
  ].join('');
}
