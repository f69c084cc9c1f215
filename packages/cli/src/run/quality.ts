import { join, resolve } from 'node:path';
import {
  formatIncrements,
  formatTable,
  type QualityMethodKey,
  type QualitySuite,
  qualityMethods,
  runQualitySuite,
} from '@ltml/benchmarks/quality';
import { startEngine } from '../engine.ts';
import { type BackendArgument, chooseNames } from '../option-parsers.ts';
import { ProgressLine } from '../progress-line.ts';

export interface QualityOptions {
  readonly backend?: BackendArgument;
  readonly out?: string;
  readonly seeds?: readonly number[];
  readonly methods?: readonly string[];
  readonly epochs?: number;
  readonly json?: boolean;
}

/** Runs a quality suite and prints its tables and where the report is. */
export async function compareMethods(suite: QualitySuite, options: QualityOptions): Promise<void> {
  const { seeds, epochs, json } = options;
  const methods =
    options.methods && chooseNames('--methods', options.methods, Object.keys(qualityMethods) as QualityMethodKey[]);
  const engine = await startEngine(options.backend);
  const line = new ProgressLine();
  line.print(`suite ${suite} on digits-lt, engine ${engine}`);
  const time = new Date().toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '-');
  const changes = { ...(seeds && { seeds }), ...(epochs && { epochs }) };
  const { description, summaries, runs, report } = await runQualitySuite({
    suite,
    folder: options.out ?? join('runs', 'bench', `${suite}-${time}`),
    ...(Object.keys(changes).length > 0 && { changes }),
    ...(methods && { methods }),
    onProgress({ done, at, run }) {
      if (run) {
        const score = `mAP ${(100 * run.mAP.total).toFixed(1)} %`;
        line.print(`${at}: ${score} in ${run.seconds.toFixed(1)} s  (${line.timeLeft(done) || 'about to end'})`);
      } else line.show(done, at);
    },
  });
  line.clear();
  if (json) {
    console.log(JSON.stringify({ description, summaries, runs, report: resolve(report) }, null, 2));
    return;
  }
  console.log(`\n${formatTable(summaries)}\n`);
  if (summaries.some(({ increments }) => increments)) {
    console.log('AP increments of each step of the ladder, percentage points, classes by training images:\n');
    console.log(`${formatIncrements(description, summaries)}\n`);
  }
  console.log(`report: ${resolve(report)}`);
}
