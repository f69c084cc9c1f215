import type { Command } from 'commander';
import { registerSweepCollect } from './sweep-collect.ts';
import { registerSweepPlan } from './sweep-plan.ts';
import { registerSweepRun } from './sweep-run.ts';
import { registerSweepStatus } from './sweep-status.ts';
import { registerSweepSubmit } from './sweep-submit.ts';

export function registerSweep(program: Command): void {
  const sweep = program
    .command('sweep')
    .description('run one recipe with many settings and seeds, here or on a cluster');
  registerSweepPlan(sweep);
  registerSweepRun(sweep);
  registerSweepStatus(sweep);
  registerSweepCollect(sweep);
  registerSweepSubmit(sweep);
}
