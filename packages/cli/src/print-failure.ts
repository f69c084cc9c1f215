import { inspect } from 'node:util';
import { describeError } from './describe-error.ts';
import { printErrors } from './terminal.ts';

/**
 * Tells the user what went wrong: a line for each mistake, or with `verbose` all that is known.
 *
 * @returns the exit code
 */
export function printFailure(error: unknown, verbose: boolean): 1 | 2 {
  const { lines, exitCode } = describeError(error);
  printErrors(...(verbose ? inspect(error).split('\n') : lines.map((line) => `ltml: ${line}`)));
  return exitCode;
}
