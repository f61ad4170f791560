import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const base = process.env.DOCS_BASE ?? '/';
const pages = fileURLToPath(new URL('../build', import.meta.url));

const page = (text, link) => ({ text, link: `/${link}` });

const guide = [
  {
    text: 'Start',
    items: [
      page('Overview', 'overview'),
      page('All documentation', 'contents'),
      page('From node:net', 'guides/from-net'),
      page('From ws', 'guides/from-ws'),
      page('Check a provider', 'guides/check-a-provider'),
      page('Examples', 'examples/'),
    ],
  },
  {
    text: 'Use',
    items: [
      page('API', 'api'),
      page('Errors', 'errors'),
      page('Command line', 'command-line'),
      page('Operating a server', 'operating'),
      page('Behind a proxy', 'behind-a-proxy'),
      page('Performance', 'performance'),
    ],
  },
  {
    text: 'Winsock and conformance',
    items: [
      page('Winsock mapping', 'winsock-mapping'),
      page('Conformance suite', 'conformance'),
      page('Agent protocol', 'agent-protocol'),
      page('Coverage', 'conformance-coverage'),
      page('Wire format', 'wire-format'),
    ],
  },
  {
    text: 'The project',
    items: [
      page('Architecture', 'architecture'),
      page('Contributing', 'contributing'),
      page('Changelog', 'changelog'),
      page('Security', 'security'),
    ],
  },
];

/** TypeDoc's navigation, with the addresses of its pages here. */
function reference() {
  const written = JSON.parse(readFileSync(`${pages}/reference.json`, 'utf8'));
  const item = ({ title, path, children }) => ({
    text: title,
    ...(path && { link: `/reference/${path}` }),
    ...(children && { items: children.map(item), collapsed: true }),
  });
  return [page('Reference', 'reference/'), ...written.map(item)];
}

/** Makes a heading's address as code forges do, so that links work in both places. */
const slugify = (heading) =>
  heading
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\p{M}\p{Pc} -]/gu, '')
    .replaceAll(' ', '-');

// oxlint-disable-next-line import/no-default-export -- VitePress loads it
export default {
  srcDir: pages,
  outDir: 'dist',
  cacheDir: 'build/.cache',
  base,
  lang: 'en',
  title: 'goodbyte',
  description:
    'Connect data, a condition function and disconnect data on sockets',
  head: [
    [
      'link',
      { rel: 'icon', type: 'image/svg+xml', href: `${base}favicon.svg` },
    ],
  ],
  // After the build every address is checked, headings included.
  ignoreDeadLinks: false,
  vite: { build: { chunkSizeWarningLimit: 1000 } },
  markdown: {
    anchor: { slugify },
    languageAlias: { mjs: 'js', cjs: 'js', mts: 'ts' },
  },
  themeConfig: {
    logo: '/favicon.svg',
    search: { provider: 'local' },
    outline: [2, 3],
    nav: [
      page('Overview', 'overview'),
      page('API', 'api'),
      page('Reference', 'reference/'),
      page('Conformance', 'conformance'),
    ],
    sidebar: { '/reference/': reference(), '/': guide },
  },
};
