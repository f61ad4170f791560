import t from 'tap';
import { loadNative } from '../../src/native.js';
import { needsUnix } from '../support/platform.js';
import { run } from './run.js';

const loaded = loadNative();
const skip =
  needsUnix('SIGTERM and SO_REUSEPORT') ||
  (loaded.native ? false : `no addon: ${loaded.reason}`);

// Streams can share a port only in later versions of Node; the engine always can.
process.env['GOODBYTE_TRANSPORT'] = 'engine';

t.test(
  'two processes on one port: no client is cut off',
  { skip },
  async (t) => {
    const { code, stdout, stderr } = await run(
      t,
      'examples/rolling-restart/main.js',
      '--clients',
      '10',
    );
    t.equal(stderr, '');
    t.match(stdout, /^generation 3 serves$/m);
    t.match(stdout, /^clients told why: +[1-9]\d*$/m);
    t.match(stdout, /^cut off without a reason: +0$/m);
    t.equal(code, 0);
  },
);
