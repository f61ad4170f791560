import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fingerprint, manifestFile, sha256 } from './prebuild/targets.mjs';

/**
 * Returns a function that says what is wrong with a prebuilt addon, if anything: it
 * `is missing`, `is not as built`, or was built from other sources.
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
      return 'is not as built';
    }
    return entry.sources === sources
      ? undefined
      : 'was built from other sources';
  };
}
