import type { Command } from 'commander';
import { positiveInteger, wholeNumber } from '../option-parsers.ts';

interface ScenesOptions {
  readonly count: number;
  readonly table?: boolean;
  readonly broken: number;
  readonly as?: string;
}

/** @param data the command group */
export function registerDataScenes(data: Command): void {
  data
    .command('scenes')
    .description('write pictures of the embedded data set digits-lt, to try other commands with')
    .argument('<directory>', 'folder to write to; created if needed')
    .option('--count <n>', 'number of scenes', positiveInteger, 10)
    .option('--table', 'like real data: training and test pictures of several formats and sizes, and labels.csv')
    .option('--broken <n>', 'with --table: number of broken files among them', wholeNumber, 0)
    .option('--as <set>', 'a miniature of a published data set in its layout, e.g. voc-mlt, to rehearse with')
    .addHelpText(
      'after',
      `
Examples:
  ltml data scenes photos
  ltml predict photos --labels "red three, green seven"
  ltml data scenes pictures --table --count 300 --broken 3
  ltml data scenes voc --as voc-mlt`,
    )
    .action(async (directory: string, { count, table, broken, as }: ScenesOptions) => {
      const { writeAs, writeScenes, writeTable } = await import('../run/scenes.ts');
      if (as !== undefined) await writeAs(directory, as);
      else if (table) await writeTable(directory, count, broken);
      else await writeScenes(directory, count);
    });
}
