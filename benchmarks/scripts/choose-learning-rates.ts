// Chooses the learning rates of the quality suite and writes them to src/quality/learning-rates.json:
//   node --import tsx benchmarks/scripts/choose-learning-rates.ts quick [folds]
import { readFileSync, writeFileSync } from 'node:fs';
import { useBackend } from '@ltml/tensor/node';
import { chooseLearningRate } from '../src/quality/choose-learning-rates.ts';
import { loadDigitsParts } from '../src/quality/digits-parts.ts';
import { qualityMethods } from '../src/quality/methods.ts';
import { learningRateGrid, protocols, type QualitySuite } from '../src/quality/protocol.ts';

const suite = (process.argv[2] ?? 'quick') as QualitySuite;
const folds = Number(process.argv[3] ?? 3);
const protocol = protocols[suite];
await useBackend('auto');
const parts = await loadDigitsParts(protocol);
const chosen: Record<string, number> = {};
for (const [key, method] of Object.entries(qualityMethods)) {
  const { best, scores } = await chooseLearningRate(method, parts, protocol, learningRateGrid[suite], folds);
  chosen[key] = best;
  const line = Object.entries(scores).map(([rate, score]) => `${rate}: ${(100 * score).toFixed(1)}`);
  console.log(`${key}: ${best}  (${line.join(', ')})`);
}
const file = new URL('../src/quality/learning-rates.json', import.meta.url);
const stored = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
writeFileSync(file, `${JSON.stringify({ ...stored, [suite]: chosen }, null, 2)}\n`);
