// Chooses the learning rates of the track of partial labels and writes them to src/quality/partial-labels/settings.json; to
// be run again when the data, the networks or the protocol changes:
//   node --import tsx benchmarks/scripts/choose-partial-labels.ts [method …]
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { useBackend } from '@ltml/engines';
import { chooseSetting } from '../src/quality/choose-setting.ts';
import { type PartialLabelsKey, partialLabelsRows } from '../src/quality/partial-labels/methods.ts';
import { learningRateGrid, proportionsOfChoice, protocols } from '../src/quality/partial-labels/protocol.ts';
import { loadPartialLabels, trainPartial, withKnown } from '../src/quality/partial-labels/track.ts';

const folds = 3;
const { positionals } = parseArgs({ allowPositionals: true });
const keys = (positionals.length > 0 ? positionals : Object.keys(partialLabelsRows)) as PartialLabelsKey[];
const protocol = protocols.full;
await useBackend();
const parts = await loadPartialLabels(protocol.views);
const file = new URL('../src/quality/partial-labels/settings.json', import.meta.url);
for (const key of keys) {
  const scores = learningRateGrid.map(() => 0);
  for (const proportion of proportionsOfChoice) {
    // All labels of what is held out judge: a tenth of them says too little of rare classes.
    const choice = await chooseSetting(parts.train, learningRateGrid, folds, async (rate, heldIn, test) => {
      const train = withKnown(heldIn, proportion, 0);
      return (await trainPartial(partialLabelsRows[key], { ...parts, train, test }, protocol, rate, 0)).scores;
    });
    const line = learningRateGrid.map((rate, i) => `${rate}: ${(100 * choice.scores[i]).toFixed(1)}`);
    console.log(`${key} at ${100 * proportion} %: ${line.join(', ')}`);
    for (const [i, score] of choice.scores.entries()) scores[i] += score;
  }
  const best = learningRateGrid[scores.indexOf(Math.max(...scores))];
  console.log(`${key}: ${best}`);
  const stored = JSON.parse(readFileSync(file, 'utf8')) as { learningRates: Record<string, number> };
  stored.learningRates[key] = best;
  writeFileSync(file, `${JSON.stringify(stored, null, 2)}\n`);
}
process.exit();
