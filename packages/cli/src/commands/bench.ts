import { join, resolve } from 'node:path';
import {
  formatIncrements,
  formatTable,
  protocols,
  type QualityMethodKey,
  type QualitySuite,
  qualityMethods,
  runQualitySuite,
  type SpeedTopic,
  speedRows,
} from '@ltml/benchmarks';
import { type Command, Option } from 'commander';
import { type BackendArgument, backendOption, startEngine } from '../engine.ts';
import { namesOf, positiveInteger, wholeNumbers } from '../option-parsers.ts';
import { ProgressLine } from '../progress-line.ts';
import { runSpeedSuite } from '../speed-suite.ts';

interface BenchOptions {
  readonly suite: QualitySuite | 'speed';
  readonly backend?: BackendArgument;
  readonly out?: string;
  readonly seeds?: readonly number[];
  readonly methods?: readonly QualityMethodKey[];
  readonly epochs?: number;
  readonly rows?: readonly SpeedTopic[];
  readonly peer?: 'torch';
  readonly python?: string;
  readonly json?: boolean;
}

const methodKeys = Object.keys(qualityMethods) as QualityMethodKey[];
const topics = Object.keys(speedRows) as SpeedTopic[];

export function registerBench(program: Command): void {
  program
    .command('bench')
    .description('compare all methods on the embedded data set, or our speed with that of PyTorch')
    .addOption(
      new Option('--suite <name>', 'quick: heads on cached features; full: end to end; speed')
        .choices([...Object.keys(protocols), 'speed'])
        .default('quick'),
    )
    .addOption(backendOption())
    .option('--out <dir>', 'folder for the results (default: runs/bench/<suite>-<time>)')
    .option('--seeds <list>', 'seeds instead of those of the protocol, e.g. 1,2,3', wholeNumbers)
    .option('--methods <list>', `some of ${methodKeys.join(', ')}`, namesOf(methodKeys))
    .option('--epochs <n>', 'epochs instead of those of the protocol', positiveInteger)
    .option('--rows <list>', `speed: topics, some of ${topics.join(', ')}`, namesOf(topics))
    .addOption(new Option('--peer <name>', 'speed: whom to take turns with').choices(['torch']))
    .option('--python <path>', 'speed: a Python with PyTorch (default: found by itself)')
    .option('--json', 'print the results as JSON')
    .addHelpText(
      'after',
      `
Examples:
  ltml bench
  ltml bench --suite full --backend tensorflow
  ltml bench --suite speed --rows optim --peer torch --json`,
    )
    .action(async ({ suite, ...options }: BenchOptions) => {
      const engine = await startEngine(options.backend);
      if (suite === 'speed') await runSpeedSuite({ ...options, engine });
      else await runQuality(suite, options, engine);
    });
}

async function runQuality(suite: QualitySuite, options: Omit<BenchOptions, 'suite'>, engine: string): Promise<void> {
  const { seeds, epochs, methods, json } = options;
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
  console.log('AP increments of each step of the ladder, percentage points, classes by training images:\n');
  console.log(`${formatIncrements(description, summaries)}\n`);
  console.log(`report: ${resolve(report)}`);
}
