import { Command, CommanderError } from 'commander';
import { registerBench } from './commands/bench.ts';
import { registerConfig } from './commands/config.ts';
import { registerData } from './commands/data.ts';
import { registerDoctor } from './commands/doctor.ts';
import { registerEncode } from './commands/encode.ts';
import { registerErrors } from './commands/errors.ts';
import { registerEval } from './commands/evaluate.ts';
import { registerExport } from './commands/export.ts';
import { registerNative } from './commands/native.ts';
import { registerParity } from './commands/parity.ts';
import { registerPredict } from './commands/predict.ts';
import { registerReport } from './commands/report.ts';
import { registerReproduce } from './commands/reproduce.ts';
import { registerSweep } from './commands/sweep.ts';
import { registerTrain } from './commands/train.ts';
import { registerTune } from './commands/tune.ts';
import { registerWeights } from './commands/weights.ts';
import { printable } from './terminal.ts';

/** The `ltml` command with all its subcommands. */
export function createProgram(): Command {
  const program = new Command('ltml')
    .description('Long-tailed, multi-label, partially labelled and open-vocabulary image classification')
    .option('--verbose', 'print the stack of an error')
    .showHelpAfterError('(see ltml --help)')
    .configureOutput({ writeErr: (text) => process.stderr.write(text.split('\n').map(printable).join('\n')) })
    .exitOverride();
  registerEncode(program);
  registerTrain(program);
  registerConfig(program);
  registerTune(program);
  registerEval(program);
  registerErrors(program);
  registerPredict(program);
  registerExport(program);
  registerBench(program);
  registerSweep(program);
  registerReport(program);
  registerReproduce(program);
  registerData(program);
  registerDoctor(program);
  registerNative(program);
  registerParity(program);
  registerWeights(program);
  return program;
}

/**
 * Runs a command line.
 *
 * @param args without the program's own name
 * @returns the exit code: 0 done, 1 the command failed, 2 it was called wrongly
 */
export async function main(args: readonly string[]): Promise<number> {
  const program = createProgram();
  try {
    await program.parseAsync(args, { from: 'user' });
    // A command that ran and found a fault sets the exit code.
    return Number(process.exitCode ?? 0);
  } catch (error) {
    // Commander has already printed its message, which may be the help.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    // Imported here because `--help` should not load TensorFlow.js.
    const { printFailure } = await import('./print-failure.ts');
    return printFailure(error, program.opts().verbose === true);
  }
}
