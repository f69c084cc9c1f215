// Chooses the learning rates of the track of category prompts and writes them to src/quality/category-prompts/settings.json;
// to be run again when the data, the networks or the protocol changes:
//   node --import tsx benchmarks/scripts/choose-category-prompts.ts [method …]
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { useBackend } from '@ltml/tensor/node';
import { type CategoryPromptsKey, categoryPromptsRows } from '../src/quality/category-prompts/methods.ts';
import { learningRateGrid, protocol } from '../src/quality/category-prompts/protocol.ts';
import { trainPrompts } from '../src/quality/category-prompts/track.ts';
import { chooseSetting } from '../src/quality/choose-setting.ts';
import { loadDigitsFeatures } from '../src/quality/digits-parts.ts';

const folds = 3;
const { positionals } = parseArgs({ allowPositionals: true });
const keys = (positionals.length > 0 ? positionals : Object.keys(categoryPromptsRows)) as CategoryPromptsKey[];
await useBackend();
const parts = await loadDigitsFeatures('featureMap', protocol.views);
const file = new URL('../src/quality/category-prompts/settings.json', import.meta.url);
for (const key of keys) {
  const { best, scores } = await chooseSetting(parts.train, learningRateGrid, folds, async (rate, train, test) => {
    return (await trainPrompts(categoryPromptsRows[key], { ...parts, train, test }, protocol, rate, 0)).scores;
  });
  const line = learningRateGrid.map((rate, i) => `${rate}: ${(100 * scores[i]).toFixed(1)}`);
  console.log(`${key}: ${best}  (${line.join(', ')})`);
  const stored = JSON.parse(readFileSync(file, 'utf8')) as { learningRates: Record<string, number> };
  stored.learningRates[key] = best;
  writeFileSync(file, `${JSON.stringify(stored, null, 2)}\n`);
}
process.exit();
