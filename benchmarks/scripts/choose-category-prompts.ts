// Chooses the learning rates of the track of category prompts and writes them to src/quality/category-prompts/settings.json;
// to be run again when the data, the networks or the protocol changes:
//   node --import tsx benchmarks/scripts/choose-category-prompts.ts quick|full
import { readFileSync, writeFileSync } from 'node:fs';
import { useBackend } from '@ltml/engines';
import { type CategoryPromptsRow, categoryPromptsRows } from '../src/quality/category-prompts/methods.ts';
import { learningRateGrids, protocols } from '../src/quality/category-prompts/protocol.ts';
import { loadMaps, trainPrompts } from '../src/quality/category-prompts/track.ts';
import { chooseSetting } from '../src/quality/choose-setting.ts';

const folds = 3;
const suite = process.argv[2] as keyof typeof protocols;
const protocol = protocols[suite];
await useBackend();
const parts = await loadMaps(protocol);

async function choose(row: CategoryPromptsRow, grid: readonly number[]): Promise<number> {
  const { best, scores } = await chooseSetting(parts.train, grid, folds, async (rate, train, test) => {
    return (await trainPrompts(row, { ...parts, train, test }, protocol, rate, 0)).scores;
  });
  console.log(
    `${row.title}: ${best}  (${grid.map((rate, i) => `${rate}: ${(100 * scores[i]).toFixed(1)}`).join(', ')})`,
  );
  return best;
}

const [focal, asl] = [
  await choose(categoryPromptsRows.focal, learningRateGrids.linear),
  await choose(categoryPromptsRows.asl, learningRateGrids.linear),
];
const head = await choose(categoryPromptsRows.cprfl, learningRateGrids.cprfl);
const file = new URL('../src/quality/category-prompts/settings.json', import.meta.url);
const stored = JSON.parse(readFileSync(file, 'utf8')) as Record<string, object>;
const heads = Object.fromEntries(protocol.rows.map((key) => [key, head]));
writeFileSync(file, `${JSON.stringify({ ...stored, [suite]: { ...heads, focal, asl } }, null, 2)}\n`);
process.exit();
