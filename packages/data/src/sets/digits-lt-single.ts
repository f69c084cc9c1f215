import { type DataSet, singleLabelProtocol } from '../data-set.ts';
import { type DigitsLtSingleOptions, digitsLtSingle } from '../digits-lt/digits-single.ts';
import { sceneDataSet } from './scene-data-set.ts';

/** `digits-lt-single` as a data set, see {@link digitsLtSingle}. */
export async function digitsLtSingleSet(
  options: Pick<DigitsLtSingleOptions, 'seed' | 'testScenes'> = {},
): Promise<DataSet> {
  return sceneDataSet('digits-lt-single', await digitsLtSingle(options), singleLabelProtocol, '2');
}
