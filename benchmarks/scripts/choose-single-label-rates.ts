// Chooses the learning rate of the first stage for each row of the track `single-label`, on training scenes alone.
//   node --import tsx benchmarks/scripts/choose-single-label-rates.ts [epochs]
import { useBackend } from '@ltml/tensor/node';
import { holdOut } from '../src/quality/single-label/hold-out.ts';
import { loadSingleLabelSets } from '../src/quality/single-label/parts.ts';
import { learningRateGrid, singleLabelProtocol } from '../src/quality/single-label/protocol.ts';
import { singleLabelRows, trainRow } from '../src/quality/single-label/track.ts';

await useBackend('auto');
const epochs = Number(process.argv[2] ?? singleLabelProtocol.epochs);
const sets = holdOut((await loadSingleLabelSets()).train);
for (const row of singleLabelRows) {
  for (const learningRate of learningRateGrid) {
    const { perClass } = await trainRow(row, sets, { ...singleLabelProtocol, epochs }, learningRate, 0);
    // Classes without a held-out scene have no accuracy.
    const known = perClass.filter((accuracy) => !Number.isNaN(accuracy));
    const mean = known.reduce((sum, accuracy) => sum + accuracy, 0) / known.length;
    console.log(
      `${row}, learning rate ${learningRate}: ${(100 * mean).toFixed(1)} % of held-out scenes, mean over classes`,
    );
  }
}
