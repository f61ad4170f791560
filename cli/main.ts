#!/usr/bin/env node
import { runCli } from './cli.js';

// A reader of our output may stop before its end: `… | head`. That is neither
// an error nor a success: the exit code is that of a program killed by SIGPIPE.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(141);
});

process.exitCode = await runCli(process.argv.slice(2), process);
