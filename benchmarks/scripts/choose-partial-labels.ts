// Chooses the learning rates of the track of partial labels and writes them to src/quality/partial-labels/settings.json; to
// be run again when the data, the networks or the protocol changes:
//   node --import tsx benchmarks/scripts/choose-partial-labels.ts [method …]
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { useBackend } from '@ltml/tensor/node';
import { chooseSetting } from '../src/quality/choose-setting.ts';
import { type PartialLabelsKey, partialLabelsRows } from '../src/quality/partial-labels/methods.ts';
import { learningRateGrid, proportionOfChoice, protocols } from '../src/quality/partial-labels/protocol.ts';
import { loadPartialLabels, trainPartial, withKnown } from '../src/quality/partial-labels/track.ts';

const folds = 3;
const { positionals } = parseArgs({ allowPositionals: true });
const keys = (positionals.length > 0 ? positionals : Object.keys(partialLabelsRows)) as PartialLabelsKey[];
await useBackend();
const parts = await loadPartialLabels(protocols.quick.views);
// What is held out has no more labels than what is trained on.
const known = withKnown(parts.train, proportionOfChoice, 0);
const file = new URL('../src/quality/partial-labels/settings.json', import.meta.url);
for (const key of keys) {
  const { best, scores } = await chooseSetting(known, learningRateGrid, folds, async (rate, train, test) => {
    return (await trainPartial(partialLabelsRows[key], { ...parts, train, test }, protocols.quick, rate, 0)).scores;
  });
  const line = learningRateGrid.map((rate, i) => `${rate}: ${(100 * scores[i]).toFixed(1)}`);
  console.log(`${key}: ${best}  (${line.join(', ')})`);
  const stored = JSON.parse(readFileSync(file, 'utf8')) as { learningRates: Record<string, number> };
  stored.learningRates[key] = best;
  writeFileSync(file, `${JSON.stringify(stored, null, 2)}\n`);
}
process.exit();
