// Chooses the learning rates of the track of category prompts and writes them to src/quality/category-prompts/settings.json;
// to be run again when the data, the networks or the protocol changes:
//   node --import tsx benchmarks/scripts/choose-category-prompts.ts
import { writeFileSync } from 'node:fs';
import { useBackend } from '@ltml/tensor/node';
import { type CategoryPromptsRow, categoryPromptsRows } from '../src/quality/category-prompts/methods.ts';
import { learningRateGrids, protocol } from '../src/quality/category-prompts/protocol.ts';
import { trainPrompts } from '../src/quality/category-prompts/track.ts';
import { chooseSetting } from '../src/quality/choose-setting.ts';
import { loadDigitsFeatures } from '../src/quality/digits-parts.ts';

const folds = 3;
await useBackend();
const parts = await loadDigitsFeatures('featureMap', protocol.views);

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
const learningRates = Object.fromEntries(Object.keys(categoryPromptsRows).map((key) => [key, head]));
const file = new URL('../src/quality/category-prompts/settings.json', import.meta.url);
writeFileSync(file, `${JSON.stringify({ learningRates: { ...learningRates, focal, asl } }, null, 2)}\n`);
process.exit();
