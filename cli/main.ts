#!/usr/bin/env node
import { runCli } from './cli.js';

// Who reads our output may stop before its end: `… | head`. That is no error,
// and no success either: the exit code is that of a program which SIGPIPE ends.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(141);
});

process.exitCode = await runCli(process.argv.slice(2), process);
