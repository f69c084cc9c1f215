import { type Command, Option } from 'commander';
import { fromBenchmarks } from '../benchmarks.ts';
import { backendOption, collect, names, positiveInteger, wholeNumbers } from '../option-parsers.ts';
import type { PackageBenchOptions } from '../run/package-bench.ts';
import type { SpeedOptions } from '../run/speed.ts';
import type { SuiteOptions } from '../run/suites.ts';

interface BenchOptions extends SuiteOptions, SpeedOptions, PackageBenchOptions {
  readonly suite: string;
  readonly compare?: string;
}

export function registerBench(program: Command): void {
  program
    .command('bench')
    .description('compare methods on the embedded data sets, or measure speed (also against PyTorch)')
    .argument(
      '[name]',
      'a package, e.g. sarb: writes its quality rows, speed rows and parity to benchmarks/results; with --compare: the newer file',
    )
    .addOption(
      new Option(
        '--suite <name>',
        'quick: all methods in minutes; full: longer training, all rows; quick/long-tail: one suite of quick; a path: your own suite; speed: times of single operations',
      ).default('quick'),
    )
    .addOption(backendOption())
    .option('--out <dir>', 'folder for the results (default: runs/bench/<suite>-<time>)')
    .option('--seeds <list>', 'seeds, e.g. 1,2,3 (default: the seeds of each suite)', wholeNumbers)
    .option(
      '--rows <list>',
      'run only these rows and the rows they are compared with, e.g. bce,db-focal; with speed: topics, e.g. losses,optim, or beginnings of row names, e.g. LADE',
      names,
    )
    .option('--set <key=value>', 'change an entry of every recipe, e.g. steps=40; may be repeated', collect, [])
    .option(
      '--jobs <n>',
      'runs at a time, each in its own process (default: as many as cores and memory allow)',
      positiveInteger,
    )
    .option('--peer <name>', 'speed: measure in turn with a peer: torch, or the folder of another checkout of LTML')
    .option(
      '--torch-compile',
      'speed: with --peer torch, also measure torch.compile; adds a minute or more for each row',
    )
    .option('--python <path>', 'speed: the Python that has PyTorch (default: searched for)')
    .option('--memory', 'speed: measure peak memory instead of time')
    .option('--parts <list>', 'with a package: which parts to run: quality, speed, parity (default: all)', names)
    .option('--compare <file>', 'print what changed from this result of a package to the newer file')
    .option('--json', 'print the results as JSON')
    .addHelpText(
      'after',
      `
Every row of a suite is a recipe. Its run folder is <out>/<suite>/<row>/seed-<n>. A suite that was stopped, by Ctrl-C
or otherwise, keeps its runs: give the same command with --out and that folder to continue.

Examples:
  ltml bench
  ltml bench --suite quick/long-tail --rows bce,db-focal --seeds 1 --set steps=200
  ltml bench --suite full --backend tensorflow
  ltml bench sarb --suite full/partial-labels --peer torch
  ltml bench --compare benchmarks/results/sarb/0.1.0-tensorflow.json benchmarks/results/sarb/0.2.0-tensorflow.json
  ltml bench --suite speed --rows optim --peer torch --json
  ltml bench --suite speed --rows losses --peer ../ltml-before`,
    )
    .action(async (name: string | undefined, { suite, compare, ...options }: BenchOptions) => {
      if (compare !== undefined || name !== undefined) {
        const bench = await fromBenchmarks('bench', () => import('../run/package-bench.ts'));
        if (compare === undefined) await bench.benchPackage(name as string, suite, options);
        else await bench.compareFiles(compare, name, options);
        return;
      }
      if (suite === 'speed')
        await (await fromBenchmarks('bench', () => import('../run/speed.ts'))).runSpeedSuite(options);
      else await (await fromBenchmarks('bench', () => import('../run/suites.ts'))).benchSuites(suite, options);
    });
}
