import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';

/** The paths of all files under a folder of the root, relative to the root. */
export function filesUnder(root, folder) {
  return readdirSync(join(root, folder), {
    recursive: true,
    withFileTypes: true,
  })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .toSorted();
}
