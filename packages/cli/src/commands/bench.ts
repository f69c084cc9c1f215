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
    .description('compare all methods on the embedded data set, or our speed with that of PyTorch')
    .addOption(
      new Option('--suite <name>', 'quick: heads on cached features; full: end to end; speed')
        .choices(['quick', 'full', 'speed'])
        .default('quick'),
    )
    .addOption(backendOption())
    .option('--out <dir>', 'folder for the results (default: runs/bench/<suite>-<time>)')
    .option('--seeds <list>', 'seeds instead of those of the protocol, e.g. 1,2,3', wholeNumbers)
    .option('--tracks <list>', 'some of the comparisons, e.g. long-tail', names)
    .option('--methods <list>', 'some of the methods, e.g. bce,db-focal', names)
    .option('--epochs <n>', 'epochs instead of those of the protocol', positiveInteger)
    .option('--rows <list>', 'speed: some of the topics, e.g. losses,optim', names)
    .addOption(new Option('--peer <name>', 'speed: whom to take turns with').choices(['torch']))
    .option('--torch-compile', 'speed: time PyTorch under torch.compile, too; a minute or more a row')
    .option('--python <path>', 'speed: a Python with PyTorch (default: found by itself)')
    .option('--memory', 'speed: the peak memory of each row instead of its time')
    .option('--json', 'print the results as JSON')
    .addHelpText(
      'after',
      `
A suite that is stopped, by Ctrl-C or otherwise, keeps the runs it has finished; the same command with --out and the folder of
its results goes on.

Examples:
  ltml bench
  ltml bench --suite full --backend tensorflow
  ltml bench --suite speed --rows optim --peer torch --json`,
    )
    .action(async ({ suite, ...options }: BenchOptions) => {
      if (suite === 'speed') await (await import('../run/speed.ts')).runSpeedSuite(options);
      else await (await import('../run/quality.ts')).compareMethods(suite, options);
    });
}
