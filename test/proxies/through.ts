import type { Test } from 'tap';
import { needsUnix } from '../support/platform.js';
import type { Box } from './boxes.js';
import { serveWay, type Way } from './sessions.js';
import { has, start } from './start.js';

/** Why this box cannot be used here, if it cannot. */
export function lacks(box: Box): string | false {
  return needsUnix('proxies') || (!has(box) && `there is no ${box.program}`);
}

/** Our server behind a box, and the callers' port. */
export async function through(t: Test, box: Box): Promise<Way> {
  const way = await serveWay(t, box.tellsCaller === true);
  return { ...way, port: await start(t, box, way.port), tls: !!box.tls };
}
