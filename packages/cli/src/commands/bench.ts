import { type Command, Option } from 'commander';
import { backendOption, names, positiveInteger, wholeNumbers } from '../option-parsers.ts';
import type { QualityOptions } from '../run/quality.ts';
import type { SpeedOptions } from '../run/speed.ts';

interface BenchOptions extends QualityOptions, SpeedOptions {
  readonly suite: 'quick' | 'full' | 'speed';
}

export function registerBench(program: Command): void {
  program
    .command('bench')
    .description('compare methods on the embedded data set, or measure speed, also against PyTorch')
    .addOption(
      new Option(
        '--suite <name>',
        'quick: heads on cached features; full: networks trained end to end; speed: times of single operations',
      )
        .choices(['quick', 'full', 'speed'])
        .default('quick'),
    )
    .addOption(backendOption())
    .option('--out <dir>', 'folder for the results (default: runs/bench/<suite>-<time>)')
    .option('--seeds <list>', 'seeds, e.g. 1,2,3 (default: those of the protocol)', wholeNumbers)
    .option('--tracks <list>', 'run only these comparisons, e.g. long-tail', names)
    .option('--methods <list>', 'run only these methods, e.g. bce,db-focal, and what they are compared with', names)
    .option('--epochs <n>', 'epochs of each training (default: those of the protocol)', positiveInteger)
    .option('--rows <list>', 'speed: measure only these topics, e.g. losses,optim', names)
    .option('--peer <name>', 'speed: take turns with a peer: torch, or the folder of another checkout of LTML')
    .option(
      '--torch-compile',
      'speed: with --peer torch, measure torch.compile, too; takes a minute or more for each row',
    )
    .option('--python <path>', 'speed: the Python that has PyTorch (default: one is looked for)')
    .option('--memory', 'speed: measure peak memory instead of time')
    .option('--json', 'print the results as JSON')
    .addHelpText(
      'after',
      `
A suite that is stopped, by Ctrl-C or otherwise, keeps the runs it has finished; the same command with --out and the folder of
its results goes on.

Examples:
  ltml bench
  ltml bench --suite full --backend tensorflow
  ltml bench --suite speed --rows optim --peer torch --json
  ltml bench --suite speed --rows losses --peer ../ltml-before`,
    )
    .action(async ({ suite, ...options }: BenchOptions) => {
      if (suite === 'speed') await (await import('../run/speed.ts')).runSpeedSuite(options);
      else await (await import('../run/quality.ts')).compareMethods(suite, options);
    });
}
