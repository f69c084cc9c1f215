import type { Command } from 'commander';
import type { PlanSweepOptions } from '../run/sweep/plan.ts';

/** @param sweep the command group */
export function registerSweepPlan(sweep: Command): void {
  sweep
    .command('plan')
    .description('work out the runs of a sweep, check every recipe, and write them into a manifest')
    .argument('<sweep>', 'YAML or JSON file')
    .requiredOption('--out <dir>', 'folder of the sweep: its manifest, and the run folders')
    .option('--json', 'print the runs as JSON')
    .addHelpText(
      'after',
      `
A sweep names a recipe and what varies:

  recipe: bce.yaml
  seeds: [1, 2, 3]
  grid:
    loss.name: [binary-cross-entropy, focal, distribution-balanced]
    method.options.optimizer.learningRate: [0.001, 0.0003]

In place of \`grid\`: \`list\` (points one by one), \`random\` or \`sobol\` with \`count\`, \`seed\` and \`over\`, whose entries are lists
or ranges: { from: 0.00001, to: 0.01, scale: log }, { from: 1, to: 8, whole: true }.

\`prune: { rule: median }\` or \`prune: { rule: asha }\` stops runs that fall behind by the validation images.

A run is known by the hash of its recipe: a sweep that has grown is planned again into the same folder, and what was done
stays done.

Examples:
  ltml sweep plan sweep.yaml --out runs/sweep
  ltml sweep run runs/sweep --all --jobs 2`,
    )
    .action(async (file: string, options: PlanSweepOptions) => {
      const { plan } = await import('../run/sweep/plan.ts');
      await plan(file, options);
    });
}
