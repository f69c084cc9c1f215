// Chooses the learning rates of the quick suite's losses and writes them to src/quality/long-tail/learning-rates.json; to be
// run again when the data, the network or the protocol changes: node --import tsx benchmarks/scripts/choose-learning-rates.ts
import { readFileSync, writeFileSync } from 'node:fs';
import { useBackend } from '@ltml/engines';
import { chooseSetting } from '../src/quality/choose-setting.ts';
import { loadDigitsFeatures } from '../src/quality/digits-parts.ts';
import { lossRows } from '../src/quality/long-tail/losses.ts';
import { learningRateGrid, protocols } from '../src/quality/long-tail/protocol.ts';
import { trainLoss } from '../src/quality/long-tail/track.ts';

const folds = 3;
await useBackend();
const parts = await loadDigitsFeatures('features', protocols.quick.views);
const quick: Record<string, number> = {};
for (const [key, row] of Object.entries(lossRows)) {
  const { best, scores } = await chooseSetting(parts.train, learningRateGrid, folds, async (rate, train, test) => {
    return (await trainLoss(row, { ...parts, train, test }, protocols.quick, rate, 0)).scores;
  });
  quick[key] = best;
  const line = learningRateGrid.map((rate, i) => `${rate}: ${(100 * scores[i]).toFixed(1)}`);
  console.log(`${key}: ${best}  (${line.join(', ')})`);
}
const file = new URL('../src/quality/long-tail/learning-rates.json', import.meta.url);
const stored = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
writeFileSync(file, `${JSON.stringify({ ...stored, quick }, null, 2)}\n`);
