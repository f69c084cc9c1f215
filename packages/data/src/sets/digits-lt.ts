import { type DataSet, multiLabelProtocol } from '../data-set.ts';
import { digitsLt } from '../digits-lt/digits-lt.ts';
import { dropLabels } from '../label-mask.ts';
import { sceneDataSet } from './scene-data-set.ts';

export interface DigitsLtSetOptions {
  readonly seed?: number;
  /** Adds ten classes to the test images that no training image shows, see `digitsLt`; default false. */
  readonly unseenClasses?: boolean;
  /** Share of the training labels that are known, and the seed of what is forgotten, see `dropLabels`; default all. */
  readonly knownLabels?: { readonly proportion: number; readonly seed?: number };
}

/** `digits-lt` as a data set, see {@link digitsLt}. */
export async function digitsLtSet(options: DigitsLtSetOptions = {}): Promise<DataSet> {
  const { seed = 1, unseenClasses = false, knownLabels } = options;
  const { train, test } = await digitsLt({ seed, unseenClasses });
  const labels = knownLabels
    ? dropLabels(train.labels, knownLabels.proportion, { seed: knownLabels.seed ?? 0 })
    : train.labels;
  const { name, classes, images } = train;
  return sceneDataSet('digits-lt', { train: { name, classes, labels, images }, test }, multiLabelProtocol);
}
