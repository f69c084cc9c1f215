#!/usr/bin/env node
import { describeError } from './describe-error.ts';
import { printFailure } from './print-failure.ts';
import { main } from './program.ts';
import { printErrors } from './terminal.ts';

// A reader may close the pipe early, as in `ltml predict … | head`. That is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  printErrors(`ltml: standard output: ${describeError(error).lines[0]}`);
  process.exit(1);
});

// Errors that no command waits for, for example in an event listener. The process ends: half-done work can't go on.
// Checkpoints stay.
process.on('uncaughtException', (error) => {
  printFailure(error, process.argv.includes('--verbose'));
  process.exit(1);
});

process.exitCode = await main(process.argv.slice(2));
