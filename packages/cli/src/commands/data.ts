import type { Command } from 'commander';
import { registerDataCheck } from './data-check.ts';
import { registerDataList } from './data-list.ts';
import { registerDataMask } from './data-mask.ts';
import { registerDataPixels } from './data-pixels.ts';
import { registerDataRows } from './data-rows.ts';
import { registerDataScenes } from './data-scenes.ts';
import { registerDataSheet } from './data-sheet.ts';
import { registerDataSplit } from './data-split.ts';
import { registerDataStats } from './data-stats.ts';

export function registerData(program: Command): void {
  const data = program.command('data').description('check, show and split data sets');
  registerDataList(data);
  registerDataCheck(data);
  registerDataStats(data);
  registerDataSheet(data);
  registerDataSplit(data);
  registerDataMask(data);
  registerDataRows(data);
  registerDataPixels(data);
  registerDataScenes(data);
}
