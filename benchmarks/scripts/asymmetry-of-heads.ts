// What of the asymmetric loss costs CPRFL's head on digits-lt: held-out mAP of the linear head and of CPRFL's, in three-fold
// cross-validation on the training images, as γ₋ and the margin go from published values to none (that is BCE), and from
// there to focal loss:
//   node --import tsx benchmarks/scripts/asymmetry-of-heads.ts

import { useBackend } from '@ltml/engines';
import { asymmetricLoss } from '@ltml/losses';
import { type CategoryPromptsRow, categoryPromptsRows } from '../src/quality/category-prompts/methods.ts';
import { learningRateGrids, protocols } from '../src/quality/category-prompts/protocol.ts';
import { loadMaps, trainPrompts } from '../src/quality/category-prompts/track.ts';
import { chooseSetting } from '../src/quality/choose-setting.ts';

const forms = [
  { gammaNegative: 4, clip: 0.05 },
  { gammaNegative: 4, clip: 0 },
  { gammaNegative: 2, clip: 0 },
  { gammaNegative: 1, clip: 0 },
  { gammaNegative: 0, clip: 0 },
  { gammaNegative: 2, clip: 0, gammaPositive: 2 },
  { gammaNegative: 2, clip: 0, gammaPositive: 2, factorGradient: true },
];

await useBackend();
const protocol = protocols.quick;
const parts = await loadMaps(protocol);

/** mAP in percent at each rate. */
async function heldOut(row: CategoryPromptsRow, rates: readonly number[]): Promise<string> {
  const { scores } = await chooseSetting(parts.train, rates, 3, async (rate, train, test) => {
    return (await trainPrompts(row, { ...parts, train, test }, protocol, rate, 0)).scores;
  });
  return rates.map((rate, i) => `${rate}: ${(100 * scores[i]).toFixed(1)}`).join(', ');
}

for (const options of forms) {
  const loss: Pick<CategoryPromptsRow, 'criterion'> = {
    criterion: (logits, labels, known) =>
      asymmetricLoss(logits, labels, { gammaPositive: 0, ...options, reduction: 'mean', known }),
  };
  const linear = await heldOut({ ...categoryPromptsRows.asl, ...loss }, learningRateGrids.linear);
  const head = await heldOut({ ...categoryPromptsRows.cprfl, ...loss }, [protocol.learningRates.cprfl]);
  console.log(`${JSON.stringify(options)}: linear ${linear}; CPRFL's head ${head}`);
}
process.exit();
