import { type DataSet, longTailedProtocol } from '../data-set.ts';
import { type DigitsLtSingleOptions, digitsLtSingle } from '../digits-lt/digits-single.ts';
import { sceneDataSet } from './scene-data-set.ts';

/** `digits-lt-single` as a data set, see {@link digitsLtSingle}. */
export async function digitsLtSingleSet(
  options: Pick<DigitsLtSingleOptions, 'seed' | 'testScenes'> = {},
): Promise<DataSet> {
  const scenes = await digitsLtSingle(options);
  return sceneDataSet(scenes, { name: 'digits-lt-single', version: '2', protocol: longTailedProtocol });
}
