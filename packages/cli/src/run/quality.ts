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
import { ProgressLine } from '../progress-line.ts';

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
  const time = new Date().toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '-');
  const result = await runQualitySuite({
    suite,
    tracks,
    folder: options.out ?? join('runs', 'bench', `${suite}-${time}`),
    ...(methods && { methods }),
    onProgress({ done, at, run }) {
      if (run) {
        const [headline] = Object.entries(run.measures);
        const score = `${headline[0]} ${(100 * headline[1]).toFixed(1)} %`;
        line.print(
          `${run.track}, ${at}: ${score} in ${run.seconds.toFixed(1)} s  (${line.timeLeft(done) || 'about to end'})`,
        );
      } else line.show(done, at);
    },
  });
  line.clear();
  if (json) {
    console.log(JSON.stringify({ ...result, report: resolve(result.report) }, null, 2));
    return;
  }
  for (const { track, summaries } of result.tracks) {
    console.log(`\n${track.title}. ${track.question}\n\n${formatTable(track, summaries)}`);
    if (summaries.some(({ difference }) => difference)) {
      console.log('\nDifferences in percentage points with 95 % intervals over the test images:\n');
      console.log(formatDifferences(track, summaries));
    }
    if (summaries.some(({ increments }) => increments)) {
      console.log('\nAP increments of each step of the ladder, percentage points, classes by training images:\n');
      console.log(formatIncrements(track, summaries));
    }
  }
  console.log(`\nreport: ${resolve(result.report)}`);
}

function keysOf(tracks: readonly { readonly key: string }[]): string[] {
  return tracks.map(({ key }) => key);
}
