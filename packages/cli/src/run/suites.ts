import { join, resolve } from 'node:path';
import {
  chooseRows,
  type FailedRun,
  type FinishedRun,
  formatSuite,
  readResults,
  readSuite,
  runSuites,
  type SuiteResult,
  type SuiteSource,
  suiteFiles,
  writeReport,
} from '@ltml/benchmarks/suites';
import { describeError, type ErrorDescription } from '../describe-error.ts';
import { startEngine } from '../engine.ts';
import type { BackendArgument } from '../option-parsers.ts';
import { makeFolder } from '../paths.ts';
import { ProgressLine } from '../progress-line.ts';
import { printErrors, printJson, printLines, shellPath } from '../terminal.ts';
import { jobCount } from './jobs/job-count.ts';
import { RunFailure } from './jobs/process-runner.ts';
import { startRunners } from './jobs/start-runners.ts';
import { untilStopped } from './stop-signals.ts';

/** Options of `ltml bench`. */
export interface SuiteOptions {
  readonly backend?: BackendArgument;
  readonly out?: string;
  readonly seeds?: readonly number[];
  readonly rows?: readonly string[];
  readonly set: readonly string[];
  /** Runs at a time; default: as many as cores and memory allow. */
  readonly jobs?: number;
  readonly json?: boolean;
}

/** Runs suites, then prints their tables and the path of the report; see {@link runSources}. */
export async function benchSuites(name: string, options: SuiteOptions): Promise<void> {
  const folder = options.out ?? defaultFolder(name);
  const finished = await runSources(sourcesOf(name, options), folder, options);
  if (finished.runs > 0 && !finished.stopped) await printResults(folder, options);
}

/** The outcome of suites. */
export interface FinishedSuites {
  /** Number of finished runs, including those finished by an earlier call. */
  readonly runs: number;
  readonly stopped: boolean;
  /** The engine of the runs. */
  readonly engine: string | undefined;
}

/**
 * Runs suites into a folder.
 *
 * SIGINT, SIGTERM and SIGHUP stop it with exit code 1; each run in progress keeps a checkpoint. A run that fails is
 * reported, and the others continue; the exit code is then 1, or 2 if a recipe is wrong.
 */
export async function runSources(
  sources: readonly SuiteSource[],
  folder: string,
  options: Omit<SuiteOptions, 'out' | 'json'>,
): Promise<FinishedSuites> {
  const line = new ProgressLine();
  const { backend = 'auto' } = options;
  const runs = sources.reduce((sum, { suite }) => sum + Object.keys(suite.rows).length * suite.seeds.length, 0);
  const jobs = Math.min(options.jobs ?? (await jobCount(backend)), runs);
  const at = jobs === 1 ? '' : `, ${jobs} runs at a time`;
  const names = sources.map(({ suite }) => suite.name).join(', ');
  let finished = 0;
  let engine: string | undefined;
  const failed = await untilStopped('finished runs and checkpoints are kept', async (signal) => {
    makeFolder('--out', folder);
    const crew = await startRunners(jobs, backend, (started) => {
      engine = started;
      line.print(`${names} on ${started}${at}`);
    });
    try {
      line.print(
        `results go into ${folder}; to continue after a stop: the same command with --out ${shellPath(folder)}`,
      );
      return await runSuites(sources, {
        folder,
        settings: options.set,
        runners: crew.runners,
        onProgress: (done, run) => line.show(done, run),
        onRun(run) {
          finished++;
          line.print(describeRun(run, line));
        },
        onFailure: (failure) => line.print(describeFailure(failure)),
        onWarning: (message) => line.print(`warning: ${message}`),
        signal,
      });
    } finally {
      crew.close();
    }
  });
  if (failed) line.clear();
  if (failed && failed.length > 0) {
    printErrors(
      `ltml: ${failed.length === 1 ? 'a run' : `${failed.length} runs`} failed:`,
      ...failed.map(describeFailure),
    );
    process.exitCode = Math.max(...failed.map(({ error }) => descriptionOf(error).exitCode));
  }
  return { runs: finished, stopped: failed === undefined, engine };
}

function sourcesOf(name: string, { seeds, rows }: SuiteOptions): readonly SuiteSource[] {
  const files = suiteFiles(name);
  const suites = files.map(readSuite).map((suite) => (seeds ? { ...suite, seeds } : suite));
  const chosen = rows ? chooseRows(suites, rows) : suites;
  return chosen.map((suite) => ({ suite, file: files[suites.findIndex((other) => other.name === suite.name)] }));
}

function describeRun(
  { suite, title, seed, measures, seconds, done, already }: FinishedRun,
  line: ProgressLine,
): string {
  const [headline] = Object.entries(measures ?? {});
  const score = headline ? `: ${headline[0]} ${(100 * headline[1]).toFixed(1)} %` : '';
  const left = already ? 'already done' : line.timeLeft(done) || 'almost done';
  return `${suite.name}, ${title}, seed ${seed}${score} in ${seconds.toFixed(1)} s  (${left})`;
}

function describeFailure({ planned, error }: FailedRun): string {
  const [reason] = descriptionOf(error).lines;
  return `${planned.suite.name}, ${planned.title}, seed ${planned.seed} failed: ${reason}`;
}

function descriptionOf(error: unknown): ErrorDescription {
  return error instanceof RunFailure ? error.description : describeError(error);
}

/** Writes the report of a folder of results and prints its tables. */
export async function printResults(
  folder: string,
  { json, backend }: { readonly json?: boolean; readonly backend?: BackendArgument },
): Promise<void> {
  const suites = readResults(folder);
  // The report has pictures of where models look, which need an engine.
  await startEngine(backend);
  const report = resolve(await writeReport(folder, suites));
  if (json) await printJson({ suites: suites.map(asJson), report }, 2);
  else await printLines(...suites.flatMap(formatSuite), '', `report: ${report}`);
}

/** The results of a suite, without scores of single images. */
function asJson({ suite, runs, rows, measures }: SuiteResult): object {
  const values = runs.map((run) => ({
    row: run.row,
    seed: run.seed,
    seconds: run.seconds,
    measures: measures.of(run),
  }));
  return { name: suite.name, title: suite.title, rows, runs: values };
}

function defaultFolder(suite: string): string {
  const time = new Date().toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '-');
  return join('runs', 'bench', `${suite.replace(/\W+/g, '-')}-${time}`);
}
