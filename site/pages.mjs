import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { posix } from 'node:path';

/** Everything that these link to becomes part of the site. */
const FIRST = ['README.md', 'docs/README.md', 'CHANGELOG.md'];

/** Browsers show files with these names. */
const SHOWN = new Set(['.json', '.txt', '.svg', '.webp']);

const LINK = /(?<=\]\()(?!\w+:|#)([^)\s#]+)(?=[)#\s])/g;

/** `docs/api.md` is the page `api.md`, a README its folder's index. */
export function pageOf(path) {
  if (path === 'README.md') return 'overview.md';
  if (path === 'docs/README.md') return 'contents.md';
  if (/^[A-Z]+\.md$/.test(path)) return path.toLowerCase();
  return path.replace(/^docs\//, '').replace(/(^|\/)README\.md$/, '$1index.md');
}

/**
 * Copies the repository's Markdown, and everything that it links to, into `folder`, with
 * working links.
 */
export class Pages {
  #root;
  #folder;
  #seen = new Set();
  #waiting = [];

  constructor(root, folder) {
    this.#root = root;
    this.#folder = folder;
  }

  write() {
    FIRST.forEach((path) => this.#add(path));
    for (let path; (path = this.#waiting.pop()) !== undefined;) {
      if (path.endsWith('/')) this.#writeListing(path);
      else this.#writePage(path);
    }
  }

  #add(path) {
    if (this.#seen.has(path)) return;
    this.#seen.add(path);
    this.#waiting.push(path);
  }

  /** The address in the site of a file or a folder of the repository. */
  #address(path) {
    const here = join(this.#root, path);
    if (!existsSync(here)) return undefined;
    if (statSync(here).isDirectory()) {
      const folder = path.replace(/\/*$/, '/');
      const readme = `${folder}README.md`;
      if (existsSync(join(this.#root, readme))) return this.#address(readme);
      this.#add(folder);
      return `/source/${folder}index.md`;
    }
    if (path.endsWith('.md')) {
      this.#add(path);
      return `/${pageOf(path)}`;
    }
    // Browsers show other files as text if their names allow it.
    const name = SHOWN.has(extname(path)) ? path : `${path}.txt`;
    this.#put(join('public', name), () => readFileSync(here));
    return `/${name}`;
  }

  #put(path, content) {
    const file = join(this.#folder, path);
    if (existsSync(file)) return;
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content());
  }

  #writePage(path) {
    const base = posix.dirname(path);
    const relink = (link) => {
      const address = this.#address(posix.join(base, decodeURI(link)));
      if (!address) throw new Error(`${path} links to ${link}: no such file`);
      return address;
    };
    // Every second piece is a code block.
    const text = readFileSync(join(this.#root, path), 'utf8')
      .split(/^(```[^]*?^```)$/m)
      .map((piece, index) => (index % 2 ? piece : piece.replace(LINK, relink)))
      .join('');
    this.#put(pageOf(path), () => text);
  }

  #writeListing(folder) {
    const entries = readdirSync(join(this.#root, folder), {
      withFileTypes: true,
    }).map((entry) => `${entry.name}${entry.isDirectory() ? '/' : ''}`);
    const list = entries
      .filter((name) => !/^(node_modules|__pycache__|\..*)\/?$/.test(name))
      .map((name) => `- [${name}](${this.#address(folder + name)})\n`);
    const head = '---\nsearch: false\naside: false\n---\n';
    const title = `# ${folder}\n\n`;
    this.#put(`source/${folder}index.md`, () => head + title + list.join(''));
  }
}

/** The site's own pages and pictures. */
export function copyOwn(site, folder) {
  cpSync(join(site, 'pages'), folder, { recursive: true });
}
