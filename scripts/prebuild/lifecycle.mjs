// npm runs a script named prebuild before one named build, which only the title of
// npm's own process shows.

import { readFileSync } from 'node:fs';

/** Whether npm runs this script only because it is about to run `build`. */
export function runsBeforeBuild() {
  if (process.env.npm_lifecycle_event !== 'prebuild') return false;
  let id = process.ppid;
  // A shell may be in between.
  for (let generation = 0; generation < 3 && id > 1; generation++) {
    const { title, parent } = describe(id);
    if (/^npm\b/.test(title))
      return /^npm (run|run-script) build\b/.test(title);
    id = parent;
  }
  return false;
}

/** Reads Linux's /proc: only Linux prebuilds. */
function describe(id) {
  try {
    const title = readFileSync(`/proc/${id}/cmdline`, 'latin1');
    const status = readFileSync(`/proc/${id}/status`, 'latin1');
    return {
      title: title.replaceAll('\0', ' ').trim(),
      parent: Number(/^PPid:\s*(\d+)/m.exec(status)?.[1] ?? 0),
    };
  } catch {
    return { title: '', parent: 0 };
  }
}
