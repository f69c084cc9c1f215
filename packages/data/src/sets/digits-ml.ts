import { type DataSet, multiLabelProtocol } from '../data-set.ts';
import { type DigitsMlOptions, digitsMl } from '../digits-lt/digits-ml.ts';
import { dropLabels } from '../label-mask.ts';
import { sceneDataSet } from './scene-data-set.ts';

export interface DigitsMlSetOptions extends Pick<DigitsMlOptions, 'seed' | 'trainScenes' | 'testScenes'> {
  /** Share of the training labels that are known, and the seed of what is forgotten, see `dropLabels`; default all. */
  readonly knownLabels?: { readonly proportion: number; readonly seed?: number };
}

/** `digits-ml` as a data set, see {@link digitsMl}. */
export async function digitsMlSet({ knownLabels, ...options }: DigitsMlSetOptions = {}): Promise<DataSet> {
  const { train, test } = await digitsMl(options);
  const labels = knownLabels
    ? dropLabels(train.labels, knownLabels.proportion, { seed: knownLabels.seed ?? 0 })
    : train.labels;
  const { name, classes, images } = train;
  return sceneDataSet('digits-ml', { train: { name, classes, labels, images }, test }, multiLabelProtocol);
}
