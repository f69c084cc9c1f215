import { join, resolve } from 'node:path';
import {
  formatDifferences,
  formatIncrements,
  formatTable,
  type QualitySuite,
  runQualitySuite,
  suites,
  type Track,
} from '@ltml/benchmarks/quality';
import { startEngine } from '../engine.ts';
import { type BackendArgument, chooseNames } from '../option-parsers.ts';
import { makeFolder } from '../paths.ts';
import { ProgressLine } from '../progress-line.ts';
import { printJson, printLines, shellPath } from '../terminal.ts';

export interface QualityOptions {
  readonly backend?: BackendArgument;
  readonly out?: string;
  readonly seeds?: readonly number[];
  readonly tracks?: readonly string[];
  readonly methods?: readonly string[];
  readonly epochs?: number;
  readonly json?: boolean;
}

/** Runs a quality suite and prints its tables and where the report is. */
export async function compareMethods(suite: QualitySuite, options: QualityOptions): Promise<void> {
  const { seeds, epochs, json } = options;
  const all = suites[suite]({ ...(seeds && { seeds }), ...(epochs && { epochs }) });
  const wanted = options.tracks && chooseNames('--tracks', options.tracks, keysOf(all));
  const named = all.filter(({ key }) => wanted?.includes(key) ?? true);
  const known = [...new Set(named.flatMap((track) => Object.keys(track.methods)))];
  const methods = options.methods && chooseNames('--methods', options.methods, known);
  const engine = await startEngine(options.backend);
  const isSlow = ({ nativeOnly }: Track): boolean => nativeOnly === true && !engine.startsWith('tensorflow');
  const isAsked = (track: Track): boolean => Boolean(wanted ?? methods?.some((method) => method in track.methods));
  const tracks = named.filter((track) => !isSlow(track) || isAsked(track));
  const line = new ProgressLine();
  line.print(`suite ${suite} (${keysOf(tracks).join(', ')}), engine ${engine}`);
  for (const { key } of named.filter((track) => !tracks.includes(track)))
    line.print(`${key} is left out, being slow without the native engine: --tracks ${key} runs it`);
  const folder = options.out ?? defaultFolder(suite);
  makeFolder('--out', folder);
  line.print(`results go into ${folder}; if it is stopped, the same command with --out ${shellPath(folder)} goes on`);
  const result = await runQualitySuite({
    suite,
    tracks,
    folder,
    ...(methods && { methods }),
    onProgress({ done, at, run, already }) {
      if (run) {
        const [headline] = Object.entries(run.measures);
        const score = `${headline[0]} ${(100 * headline[1]).toFixed(1)} %`;
        const left = already ? 'was there' : line.timeLeft(done) || 'about to end';
        line.print(`${run.track}, ${at}: ${score} in ${run.seconds.toFixed(1)} s  (${left})`);
      } else line.show(done, at);
    },
  });
  line.clear();
  if (json) {
    await printJson({ ...result, report: resolve(result.report) }, 2);
    return;
  }
  for (const { track, summaries } of result.tracks) {
    await printLines('', `${track.title}. ${track.question}`, '', ...formatTable(track, summaries));
    if (summaries.some(({ difference }) => difference)) {
      const title = 'Differences in percentage points with 95 % intervals over the test images:';
      await printLines('', title, '', ...formatDifferences(track, summaries));
    }
    if (summaries.some(({ increments }) => increments)) {
      const title = 'AP increments of each step of the ladder, percentage points, classes by training images:';
      await printLines('', title, '', ...formatIncrements(track, summaries));
    }
  }
  await printLines('', `report: ${resolve(result.report)}`);
}

function defaultFolder(suite: string): string {
  const time = new Date().toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '-');
  return join('runs', 'bench', `${suite}-${time}`);
}

function keysOf(tracks: readonly { readonly key: string }[]): string[] {
  return tracks.map(({ key }) => key);
}
