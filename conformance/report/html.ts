import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { deflateRawSync } from 'node:zlib';
import { packageFile } from '../package-file.js';
import { pageData } from './page-data.js';
import type { JsonReport } from './types.js';
import { withoutScript } from './static-page.js';
import { jsonOfPlain } from './text.js';

/** The page's script, in the order in which its parts need each other. */
const scripts = [
  'format.js',
  'data.js',
  'dom.js',
  'diagram.js',
  'run-view.js',
  'matrix.js',
  'filters.js',
  'main.js',
];

/** A file of the page, with the line ends that a browser normalises to. */
const source = (file: string): string =>
  readFileSync(
    packageFile('conformance', 'report', 'html', file),
    'utf8',
  ).replaceAll('\r\n', '\n');

/**
 * The reports as one self-contained page: data, style and script are in it, and
 * a policy allows no other script, style or request. Agents' texts are data:
 * the script renders them as text, never as markup.
 */
export function htmlReport(
  reports: readonly JsonReport[],
  absent: readonly string[] = [],
): string {
  const script = bundle(scripts.map(source));
  const style = source('page.css');
  const policy = [
    "default-src 'none'",
    `script-src '${hashOf(script)}'`,
    `style-src '${hashOf(style)}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  const data = deflateRawSync(jsonOfPlain(pageData(reports, absent)));
  const parts: Record<string, string> = {
    POLICY: policy,
    '<!-- style -->': `<style>${style}</style>`,
    '<!-- data -->': `<script id="data" type="text/plain">${data.toString('base64')}</script>`,
    '<!-- script -->': `<script>${script}</script>`,
    '<!-- static -->': withoutScript(reports),
  };
  return source('page.html').replaceAll(
    /POLICY|<!-- \w+ -->/g,
    (place) => parts[place]!,
  );
}

/**
 * Modules as one script, in sequence and without their imports of each other.
 * Each import takes one line.
 */
function bundle(sources: readonly string[]): string {
  const body = sources
    .map((text) =>
      text
        .replaceAll(/^import [^;]*;\n/gm, '')
        .replaceAll(/^export (?=const |function |class )/gm, ''),
    )
    .join('\n');
  return `'use strict';\n(async () => {\n${body}})();\n`;
}

const hashOf = (text: string): string =>
  `sha256-${createHash('sha256').update(text).digest('base64')}`;
