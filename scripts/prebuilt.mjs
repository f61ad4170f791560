import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fingerprint, manifestFile, sha256 } from './prebuild/targets.mjs';

/**
 * A function that says what is wrong with a prebuilt addon, if anything: that
 * it `is missing`, or is not what was built from the sources that are here.
 */
export function prebuiltCheck(root) {
  const sources = fingerprint(root);
  const manifest = existsSync(join(root, manifestFile))
    ? JSON.parse(readFileSync(join(root, manifestFile), 'utf8'))
    : {};
  return (file) => {
    const path = join(root, 'prebuilds', file);
    if (!existsSync(path)) return 'is missing';
    const entry = manifest[file];
    if (!entry) return 'is not in the manifest';
    if (entry.sha256 !== sha256(readFileSync(path))) {
      return 'is not what was built';
    }
    return entry.sources === sources
      ? undefined
      : 'was built from other sources than these';
  };
}
