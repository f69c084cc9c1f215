import { build, missingForRow, run } from '@ltml/recipes/node';
import { UsageError } from '@ltml/recipes/usage-error';
import { progress } from '@ltml/train/node';
import { startEngine } from '../../engine.ts';
import { ProgressLine } from '../../progress-line.ts';
import { printErrors, printJson, printLines } from '../../terminal.ts';
import { describePlan } from '../describe-plan.ts';
import { untilStopped } from '../stop-signals.ts';
import { compareRows, formatComparison } from './compare.ts';
import type { ReproduceOptions } from './options.ts';
import { isDone, noteDone, planRuns, type RowRun } from './plan.ts';

/**
 * Trains rows of published tables into run folders, and prints the results beside the published figures.
 *
 * SIGINT, SIGTERM and SIGHUP stop it at a checkpoint with exit code 1. A second signal ends it at once.
 */
export async function reproduce(name: string | undefined, options: ReproduceOptions): Promise<void> {
  if (name === undefined)
    throw new UsageError('reproduce: give the name of a row; ltml reproduce --list prints all names');
  const runs = await planRuns(name, options);
  const open = runs.filter((each) => !isDone(each));
  const missing = await missingForRows(open, options);
  if (missing.length > 0) {
    printErrors(...missing.map((sentence) => `ltml: ${sentence}`));
    process.exitCode = 1;
    return;
  }
  const done = await untilStopped('the work so far is kept, give the same command to continue', async (signal) => {
    if (open.length > 0) await trainAll(runs, signal, options);
    return true;
  });
  if (!done) return;
  const comparison = compareRows(runs, options);
  if (options.json) await printJson(comparison, 2);
  else await printLines(...formatComparison(comparison));
}

/** What is missing to train the runs, one sentence each. */
async function missingForRows(runs: readonly RowRun[], { data }: ReproduceOptions): Promise<readonly string[]> {
  const sentences = new Set<string>();
  for (const { recipe } of runs) {
    for (const sentence of await missingForRow(recipe, { data: data !== undefined })) sentences.add(sentence);
  }
  return [...sentences];
}

async function trainAll(runs: readonly RowRun[], signal: AbortSignal, options: ReproduceOptions): Promise<void> {
  const engine = await startEngine(options.backend);
  const line = new ProgressLine();
  for (const [i, each] of runs.entries()) {
    const title = `${each.row.name}, seed ${each.seed} (${i + 1} of ${runs.length})`;
    if (isDone(each)) line.print(`${title}: already done, in ${each.folder}`);
    else {
      line.print(`${title} on ${engine}, into ${each.folder}`);
      await trainRow(each, signal, options, line);
    }
  }
}

async function trainRow(
  each: RowRun,
  signal: AbortSignal,
  { workers }: ReproduceOptions,
  line: ProgressLine,
): Promise<void> {
  const { source, recipe, folder } = each;
  const built = await build(recipe, { locate: source.locate, ...(workers !== undefined && { workers }) });
  try {
    for (const text of describePlan(built)) line.print(text);
    const { test } = await run(built, {
      folder,
      resume: true,
      observers: [progress({ stream: process.stderr })],
      onFeatures: (done) => line.show(done, 'computing features'),
      onWarning: (message) => line.print(`warning: ${message}`),
      signal,
    });
    if (!test) signal.throwIfAborted();
    await noteDone(each);
  } finally {
    built.dispose();
  }
}
