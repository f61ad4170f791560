#!/usr/bin/env node
import { runCli } from './cli.js';

// Who reads our output may stop before its end: `… | head`.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

process.exitCode = await runCli(process.argv.slice(2), process);
