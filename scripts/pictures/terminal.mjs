// Turns a terminal's text into SVG: sharp at any size, a few kilobytes, and dark if
// the reader's system is.

const LINE = 20;
const COLUMN = 8.43;
const MARGIN = 16;
const BAR = 34;

const STYLE = `
.back{fill:#f6f8fa;stroke:#d0d7de}.bar{fill:#eaeef2}
text{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;fill:#1f2328;white-space:pre}
.title,.s2{fill:#59636e}.s1,.prompt{font-weight:700}
.s31{fill:#b3161f}.s32{fill:#116329}.s33{fill:#7d4e00}.prompt{fill:#0550ae}
@media(prefers-color-scheme:dark){
.back{fill:#0d1117;stroke:#3d444d}.bar{fill:#1b222b}text{fill:#e6edf3}
.title,.s2{fill:#9198a1}.s31{fill:#ff7b72}.s32{fill:#56d364}.s33{fill:#e3b341}.prompt{fill:#79c0ff}}
`.trim();

const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/** The pieces of a line, each with the number of its SGR attribute, if any. */
function piecesOf(line) {
  const pieces = [];
  let style;
  // oxlint-disable-next-line no-control-regex -- a terminal's sequences begin with ESC
  for (const part of line.split(/(\u001B\[\d+m)/)) {
    // oxlint-disable-next-line no-control-regex -- a terminal's sequences begin with ESC
    const [, number] = /^\u001B\[(\d+)m$/.exec(part) ?? [];
    if (number !== undefined) style = /^(1|2|31|32|33)$/.exec(number)?.[0];
    else if (part !== '') pieces.push({ text: part, style });
  }
  return pieces;
}

/** Typed lines stand out, up to the first without a continuation. */
function styledLines(text) {
  let typed = false;
  return text.split('\n').map((line) => {
    const begins = line.startsWith('$ ');
    const command = begins || typed;
    typed = command && line.endsWith('\\');
    if (!command) return piecesOf(line);
    return begins
      ? [
          { text: '$ ', style: 'prompt' },
          { text: line.slice(2), style: '1' },
        ]
      : [{ text: line, style: '1' }];
  });
}

const lengthOf = (pieces) =>
  pieces.reduce((sum, { text }) => sum + text.length, 0);

function drawn(pieces, y) {
  const spans = pieces.map(({ text, style = '' }) =>
    style
      ? `<tspan class="${style.replace(/^\d/, 's$&')}">${escaped(text)}</tspan>`
      : escaped(text),
  );
  return `<text x="${MARGIN}" y="${y}" xml:space="preserve">${spans.join('')}</text>`;
}

/** Draws windows one below the other: `{ title, text }`. */
export function terminalSvg(windows) {
  const contents = windows.map(({ title, text }) => ({
    title,
    lines: styledLines(text.trimEnd()),
  }));
  const columns = Math.max(
    ...contents.flatMap(({ lines }) => lines.map(lengthOf)),
  );
  const width = Math.ceil(columns * COLUMN + 2 * MARGIN);
  let top = 0.5;
  const parts = contents.map(({ title, lines }) => {
    const height = BAR + lines.length * LINE + MARGIN;
    const shown = [
      `<rect class="back" x=".5" y="${top}" width="${width - 1}" height="${height}" rx="8"/>`,
      `<path class="bar" d="M1 ${top + BAR - 6}V${top + 8}a8 8 0 0 1 8-8H${width - 9}a8 8 0 0 1 8 8V${top + BAR - 6}z"/>`,
      `<text class="title" x="${MARGIN}" y="${top + 19}">${escaped(title)}</text>`,
      ...lines.map((pieces, index) =>
        drawn(pieces, top + BAR + 14 + index * LINE),
      ),
    ];
    top += height + 12;
    return shown.join('\n');
  });
  const height = Math.ceil(top - 11);
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" ` +
    `viewBox="0 0 ${width} ${height}" role="img">\n` +
    `<style>${STYLE}</style>\n${parts.join('\n')}\n</svg>\n`
  );
}
