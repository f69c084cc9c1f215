import type { Command } from 'commander';

/** @param data the command group */
export function registerDataList(data: Command): void {
  data
    .command('list')
    .description('list the published data sets that can be read, and where their authors publish them')
    .option('--json', 'print them with their options as JSON')
    .action(async (options: { readonly json?: boolean }) => {
      const { listSets } = await import('../run/list-sets.ts');
      await listSets(options);
    });
}
