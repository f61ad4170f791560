import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const decode = (text) =>
  decodeURIComponent(text.replaceAll('&amp;', '&').replaceAll('&#39;', "'"));

/**
 * Throws if an address in the built pages leads to no file, or to no heading in it:
 * VitePress itself checks only pages.
 */
export function checkLinks(folder, base) {
  const documents = new Map();
  const read = (file) => {
    if (!documents.has(file)) {
      const html = readFileSync(join(folder, file), 'utf8');
      const ids = html.matchAll(/\sid="([^"]+)"/g);
      documents.set(file, {
        html,
        ids: new Set([...ids].map(([, id]) => decode(id))),
      });
    }
    return documents.get(file);
  };
  const dead = [];
  for (const file of readdirSync(folder, { recursive: true }).map(String)) {
    if (!file.endsWith('.html')) continue;
    const here = new URL(file.replaceAll('\\', '/'), `http://site${base}`);
    for (const [, link] of read(file).html.matchAll(
      /\s(?:href|src)="([^"]*)"/g,
    )) {
      const url = new URL(decode(link), here);
      if (url.host !== 'site') continue;
      if (!isAlive(url)) dead.push(`${file}: ${link}`);
    }
  }
  if (dead.length > 0) throw new Error(`dead links:\n${dead.join('\n')}`);

  function isAlive({ pathname, hash }) {
    if (!pathname.startsWith(base)) return false;
    const path = decodeURI(pathname.slice(base.length)).replace(
      /(^|\/)$/,
      '$1index.html',
    );
    if (!existsSync(join(folder, path))) return false;
    return hash === '' || read(path).ids.has(decodeURIComponent(hash.slice(1)));
  }
}
