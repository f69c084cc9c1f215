import { join, resolve as resolvePath } from 'node:path';
import { classGroups } from '@ltml/data';
import {
  type BuiltRecipe,
  build,
  type Recipe,
  readRecipe,
  resolve,
  run,
  type Splits,
  type TestResult,
} from '@ltml/recipes/node';
import type { Communicator } from '@ltml/tensor/contract';
import { progress } from '@ltml/train/node';
import { formatClasses } from '../class-table.ts';
import { startEngine } from '../engine.ts';
import type { BackendArgument } from '../option-parsers.ts';
import { ProgressLine } from '../progress-line.ts';
import { formatScores } from '../score-table.ts';
import { printErrors, printJson, printLines } from '../terminal.ts';
import { amongRanks } from './among-ranks.ts';
import { describePlan } from './describe-plan.ts';
import { untilStopped } from './stop-signals.ts';

/** Options of `ltml train`. */
export interface TrainOptions {
  readonly set: readonly string[];
  readonly out?: string;
  readonly resume?: boolean;
  readonly sameEngine?: boolean;
  readonly eager?: boolean;
  /** Number of threads that read pictures. */
  readonly workers?: number;
  readonly backend?: BackendArgument;
  readonly json?: boolean;
}

interface RankOptions extends TrainOptions {
  readonly communicator?: Communicator;
}

/**
 * Trains a recipe into a run folder. If an MPI launcher started several processes, they train one model together.
 *
 * SIGINT, SIGTERM and SIGHUP stop it at a checkpoint with exit code 1. A second signal ends it at once.
 */
export async function train(file: string, options: TrainOptions): Promise<void> {
  await amongRanks((communicator) => trainAs(file, options, communicator));
}

async function trainAs(file: string, options: TrainOptions, communicator: Communicator | undefined): Promise<void> {
  const { value, locate, notes = [] } = readRecipe(file, options.set);
  const recipe = await resolve(value, locate);
  if ((communicator?.rank ?? 0) === 0) printErrors(...notes);
  await untilStopped('the work so far is kept, continue with --resume', async (signal) => {
    const engine = await startEngine(options.backend);
    const { workers } = options;
    const built = await build(recipe, { locate, ...(workers !== undefined && { workers }) });
    try {
      await runUntil(signal, built, engine, { ...options, ...(communicator && { communicator }) });
    } finally {
      built.dispose();
    }
  });
}

async function runUntil(
  signal: AbortSignal,
  built: BuiltRecipe,
  engine: string,
  { out, resume = false, sameEngine = false, eager = false, json = false, communicator }: RankOptions,
): Promise<void> {
  const folder = out ?? join('runs', built.recipe.name);
  if (communicator && communicator.rank > 0) {
    const { test } = await run(built, { folder, resume, sameEngine, eager, communicator, signal });
    if (!test) process.exitCode = 1;
    return;
  }
  const line = new ProgressLine();
  const ranks = communicator ? `, ${communicator.size} ranks` : '';
  line.print(`${built.recipe.name} on ${engine}${ranks}, into ${folder}`);
  for (const text of describePlan(built)) line.print(text);
  const { test, ...result } = await run(built, {
    folder,
    resume,
    sameEngine,
    eager,
    observers: [progress({ stream: process.stderr })],
    onFeatures: (done) => line.show(done, 'computing features'),
    onWarning: (message) => line.print(`warning: ${message}`),
    ...(communicator && { communicator }),
    signal,
  });
  if (!test) {
    line.print(`stopped after step ${result.steps}; continue with --resume`);
    process.exitCode = 1;
    return;
  }
  const path = resolvePath(folder);
  const { scores, ...summary } = test;
  if (json) return printJson({ folder: path, ...result, ...summary });
  const table = formatScores(scores, built.splits.groups, built.learner.scores).split('\n');
  const { classes } = built.splits.test;
  const counts = classes.map((_, c) => built.splits.classCounts[c] ?? 0);
  const classTable = formatClasses(scores, classes, counts, classGroups(built.splits.protocol, counts));
  await printLines(titleOf(test, built.splits), '', ...table, '', ...classTable, '', `run folder: ${path}`);
}

/** The images and weights that the scores belong to. */
function titleOf({ scores, weights, selection }: TestResult, { test, validation }: Splits): string {
  const which = test === validation && selection !== 'published' ? 'validation' : 'test';
  return [`${scores.rows} ${which} images`, `${weights} weights`, ...(selection ? [chosenBy[selection]] : [])].join(
    ', ',
  );
}

const chosenBy: Readonly<Record<Recipe['evaluation']['selection'], string>> = {
  validation: 'epoch chosen on the validation images',
  published: 'epoch chosen on these same images, as in the published protocols',
};
