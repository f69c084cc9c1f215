// Chooses the learning rates of the quick suite and writes them to src/quality/learning-rates.json; to be run again when
// the data, the network or the protocol changes: node --import tsx benchmarks/scripts/choose-learning-rates.ts
import { readFileSync, writeFileSync } from 'node:fs';
import { useBackend } from '@ltml/tensor/node';
import { chooseLearningRate } from '../src/quality/choose-learning-rates.ts';
import { loadDigitsParts } from '../src/quality/digits-parts.ts';
import { qualityMethods } from '../src/quality/methods.ts';
import { learningRateGrid, protocols } from '../src/quality/protocol.ts';

const folds = 3;
await useBackend();
const parts = await loadDigitsParts(protocols.quick);
const quick: Record<string, number> = {};
for (const [key, method] of Object.entries(qualityMethods)) {
  const { best, scores } = await chooseLearningRate(method, parts, protocols.quick, learningRateGrid, folds);
  quick[key] = best;
  const line = Object.entries(scores).map(([rate, score]) => `${rate}: ${(100 * score).toFixed(1)}`);
  console.log(`${key}: ${best}  (${line.join(', ')})`);
}
const file = new URL('../src/quality/learning-rates.json', import.meta.url);
const stored = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
writeFileSync(file, `${JSON.stringify({ ...stored, quick }, null, 2)}\n`);
