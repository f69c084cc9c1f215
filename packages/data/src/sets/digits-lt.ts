import { type DataSet, multiLabelProtocol } from '../data-set.ts';
import { type DigitsLtOptions, digitsLt } from '../digits-lt/digits-lt.ts';
import { type KnownLabels, sceneDataSet } from './scene-data-set.ts';

/** Options of {@link digitsLtSet}. */
export interface DigitsLtSetOptions extends Pick<DigitsLtOptions, 'seed' | 'unseenClasses'> {
  /** Which training labels are known; default all. */
  readonly knownLabels?: KnownLabels;
}

/** `digits-lt` as a data set, see {@link digitsLt}. */
export async function digitsLtSet({ knownLabels, ...options }: DigitsLtSetOptions = {}): Promise<DataSet> {
  return sceneDataSet(await digitsLt(options), { name: 'digits-lt', protocol: multiLabelProtocol, knownLabels });
}
