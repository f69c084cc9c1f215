// Chooses the learning rates of the track `single-label` on training scenes alone: of the first stage by the mean over its
// rows, then of the second.
//   node --import tsx benchmarks/scripts/choose-single-label-rates.ts [epochs]
import { useBackend } from '@ltml/engines';
import { holdOut } from '../src/quality/single-label/hold-out.ts';
import { loadSingleLabelSets } from '../src/quality/single-label/parts.ts';
import {
  learningRateGrids,
  type SingleLabelProtocol,
  singleLabelProtocol,
} from '../src/quality/single-label/protocol.ts';
import { singleLabelRows, trainRow } from '../src/quality/single-label/track.ts';

await useBackend('auto');
const epochs = Number(process.argv[2] ?? singleLabelProtocol.epochs);
const sets = holdOut((await loadSingleLabelSets()).train);
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Of held-out scenes, the mean over classes and rows. */
async function judge(name: string, rates: Partial<SingleLabelProtocol>): Promise<number> {
  const accuracies: number[] = [];
  for (const row of singleLabelRows) {
    const { perClass } = await trainRow(row, sets, { ...singleLabelProtocol, epochs, ...rates }, 0);
    // Classes without a held-out scene have no accuracy.
    accuracies.push(mean(perClass.filter((accuracy) => !Number.isNaN(accuracy))));
    console.log(`${row}, ${name}: ${(100 * (accuracies.at(-1) as number)).toFixed(1)} %`);
  }
  return mean(accuracies);
}

let learningRate = 0;
let best = -1;
for (const rate of learningRateGrids.pretrain) {
  const accuracy = await judge(`learning rate ${rate}`, { learningRate: rate });
  if (accuracy > best) [best, learningRate] = [accuracy, rate];
}
for (const classifierLearningRate of learningRateGrids.classify) {
  await judge(`rates ${learningRate} and ${classifierLearningRate}`, { learningRate, classifierLearningRate });
}
