import type { Command } from 'commander';
import type { PlanSweepOptions } from '../run/sweep/plan.ts';

/** @param sweep the command group */
export function registerSweepPlan(sweep: Command): void {
  sweep
    .command('plan')
    .description('list the runs of a sweep, check every recipe, and write a manifest')
    .argument('<sweep>', 'YAML or JSON file')
    .requiredOption('--out <dir>', 'folder of the sweep, for the manifest and the run folders')
    .option('--json', 'print the runs as JSON')
    .addHelpText(
      'after',
      `
A sweep has a recipe and the entries that vary:

  recipe: bce.yaml
  seeds: [1, 2, 3]
  grid:
    loss.name: [binary-cross-entropy, focal, distribution-balanced]
    method.options.optimizer.learningRate: [0.001, 0.0003]

Instead of \`grid\`: \`list\` (points one by one), or \`random\` or \`sobol\` with \`count\`, \`seed\` and \`over\`.
Entries of \`over\` are lists or ranges: { from: 0.00001, to: 0.01, scale: log }, { from: 1, to: 8, whole: true }.

\`prune: { rule: median }\` or \`prune: { rule: asha }\` stops runs that fall behind on the validation images.

A run is identified by the hash of its recipe. You can add points to a sweep and plan it again into the same folder:
finished runs stay finished.

Examples:
  ltml sweep plan sweep.yaml --out runs/sweep
  ltml sweep run runs/sweep --all --jobs 2`,
    )
    .action(async (file: string, options: PlanSweepOptions) => {
      const { plan } = await import('../run/sweep/plan.ts');
      await plan(file, options);
    });
}
