// Builds the documentation's site into site/dist, from docs/ and the types.
//
//   node scripts/docs.mjs           build it
//   node scripts/docs.mjs --serve   build it, and serve it on this machine
//   node scripts/docs.mjs --test    build it, and check it in a browser
//
// DOCS_BASE is the path below which it will be served; / by default. The packages
// for it are those of site/package-lock.json; once they are installed, the network
// is not needed.

import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkLinks } from '../site/links.mjs';
import { copyOwn, Pages } from '../site/pages.mjs';
import { installLocked } from './locked-packages.mjs';
import { parseOptions } from './options.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const site = join(root, 'site');
const pages = join(site, 'build');

function run(program, ...args) {
  const { status } = spawnSync(process.execPath, [program, ...args], {
    cwd: site,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (status !== 0) throw new Error(`${program} failed`);
}

const { values } = parseOptions({
  options: {
    serve: { type: 'boolean', default: false },
    test: { type: 'boolean', default: false },
  },
});
installLocked(site, '--ignore-scripts');
rmSync(pages, { recursive: true, force: true });
mkdirSync(pages, { recursive: true });
run('node_modules/typedoc/bin/typedoc', '--logLevel', 'Warn');
new Pages(root, pages).write();
copyOwn(site, pages);
run('node_modules/vitepress/bin/vitepress.js', 'build');
checkLinks(join(site, 'dist'), process.env.DOCS_BASE ?? '/');
if (values.serve) run('node_modules/vitepress/bin/vitepress.js', 'preview');
if (values.test)
  run('--test', 'links.test.mjs', 'pictures.test.mjs', 'site.test.mjs');
