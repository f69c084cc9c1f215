#!/usr/bin/env node
import { describeError } from './describe-error.ts';
import { printFailure } from './print-failure.ts';
import { main } from './program.ts';
import { printErrors } from './terminal.ts';

// A reader that has seen enough, as in `ltml predict … | head`, is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  printErrors(`ltml: standard output: ${describeError(error).lines[0]}`);
  process.exit(1);
});

// What no command waited for, such as a listener's. What is half done can't go on; checkpoints stay.
process.on('uncaughtException', (error) => {
  printFailure(error, process.argv.includes('--verbose'));
  process.exit(1);
});

process.exitCode = await main(process.argv.slice(2));
