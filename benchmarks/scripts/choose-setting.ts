// Compares values of one recipe entry on training images only: the mAP on held-out images for each value, averaged over
// three random hold-outs.
//   node --import tsx benchmarks/scripts/choose-setting.ts packages/classifier/recipes/digits/quick/db.yaml \
//     method.options.optimizer.learningRate=0.003,0.01,0.03,0.1,0.3
import { useBackend } from '@ltml/engines';
import { build, FeatureStore, readRecipe, resolve } from '@ltml/recipes/node';
import { averagePrecisionMetrics, fit } from '@ltml/train';
import { mean } from '../src/suites/spread.ts';

const share = 1 / 3;
const seeds = [0, 1, 2];

const [file, setting] = process.argv.slice(2);
const [key, values] = setting?.split('=') ?? [];
if (!file || !key || !values) throw new Error('usage: choose-setting.ts RECIPE key=value,value,…');
await useBackend('auto');
const features = new FeatureStore();

/** mAP after the last epoch, on the held-out images of one split. */
async function heldOut(value: string, seed: number): Promise<number> {
  const validation = `data.validation={ share: ${share}, seed: ${seed} }`;
  const { value: written, locate } = readRecipe(file, [`${key}=${value}`, validation]);
  const built = await build(await resolve(written, locate), { locate, features });
  try {
    await built.inputs.compute();
    const { learner, loader, stageLoaders, random, inputs, splits } = built;
    if (!inputs.validation) throw new Error('the recipe has no validation split');
    const every = learner.stages.at(-1)?.epochs ?? 1;
    const validated = { dataset: inputs.validation, every, metrics: averagePrecisionMetrics(splits.groups) };
    const { metrics } = await fit({ learner, loader, stageLoaders, random, validation: validated });
    return metrics?.mAP ?? Number.NaN;
  } finally {
    built.dispose();
  }
}

for (const value of values.split(',')) {
  const scores: number[] = [];
  for (const seed of seeds) scores.push(await heldOut(value, seed));
  console.log(`${key}=${value}: ${(100 * mean(scores)).toFixed(1)}`);
}
process.exit();
