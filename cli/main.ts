#!/usr/bin/env node
import { ExitCode } from '../conformance/report/summary.js';
import { runCli } from './cli.js';
import { endings } from './everyday/ending.js';

const args = process.argv.slice(2);

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // A reader of our output may stop before its end: `… | head`. That is neither
  // an error nor a success: the exit code is that of a program killed by SIGPIPE.
  if (error.code === 'EPIPE') process.exit(141);
  // A full disk, for example.
  const code =
    args[0] === 'conformance' ? ExitCode.harnessBroke : endings.failed;
  const told = `goodbyte: stdout cannot be written: ${error.message}\n`;
  process.stderr.write(told, () => process.exit(code));
});

process.exitCode = await runCli(args, process);
