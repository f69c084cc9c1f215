import { inspect } from 'node:util';
import { describeError } from './describe-error.ts';
import { printErrors } from './terminal.ts';

/**
 * Prints an error to standard error: one line for each mistake, or with `verbose` the whole error with its stack.
 *
 * @returns the exit code
 */
export function printFailure(error: unknown, verbose: boolean): 1 | 2 {
  const { lines, exitCode } = describeError(error);
  printErrors(...(verbose ? inspect(error).split('\n') : lines.map((line) => `ltml: ${line}`)));
  return exitCode;
}
