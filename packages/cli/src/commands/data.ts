import type { Command } from 'commander';
import { registerDataCheck } from './data-check.ts';
import { registerDataScenes } from './data-scenes.ts';

export function registerData(program: Command): void {
  const data = program.command('data').description('check data sets, look at them, split them');
  registerDataCheck(data);
  registerDataScenes(data);
}
