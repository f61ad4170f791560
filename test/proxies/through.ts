import type { Test } from 'tap';
import { needsUnix } from '../support/platform.js';
import type { Box } from './boxes.js';
import { serveWay, type Way } from './sessions.js';
import { has, start } from './start.js';

/** Why nothing goes through this box here, if so. */
export function lacks(box: Box): string | false {
  return needsUnix('proxies') || (!has(box) && `there is no ${box.program}`);
}

/** A server of ours behind a box, and where callers come in. */
export async function through(t: Test, box: Box): Promise<Way> {
  const way = await serveWay(t, box.tellsCaller === true);
  return { ...way, port: await start(t, box, way.port), tls: !!box.tls };
}
