import { type DataSet, multiLabelProtocol } from '../data-set.ts';
import { type DigitsMlOptions, digitsMl } from '../digits-lt/digits-ml.ts';
import { type KnownLabels, sceneDataSet } from './scene-data-set.ts';

/** Options of {@link digitsMlSet}. */
export interface DigitsMlSetOptions extends Pick<DigitsMlOptions, 'seed' | 'trainScenes' | 'testScenes'> {
  /** Which training labels are known; default all. */
  readonly knownLabels?: KnownLabels;
}

/** `digits-ml` as a data set, see {@link digitsMl}. */
export async function digitsMlSet({ knownLabels, ...options }: DigitsMlSetOptions = {}): Promise<DataSet> {
  return sceneDataSet(await digitsMl(options), { name: 'digits-ml', protocol: multiLabelProtocol, knownLabels });
}
