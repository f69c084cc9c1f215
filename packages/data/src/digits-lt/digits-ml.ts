import { checkCount, checkOptionNames } from '@ltml/tensor';
import { targetInks } from './inks.ts';
import { longTailedLabelSets } from './label-sets.ts';
import type { Difficulty } from './scene.ts';
import { type SceneOptions, sceneMaker } from './scene-maker.ts';
import type { SceneSet } from './scene-set.ts';

/** The difficulty of `digits-ml@1`; docs/digits-lt.md tells how it was calibrated. */
export const digitsMlDifficulty: Difficulty = {
  distractors: [0, 1],
  distractorInks: ['black', 'white', 'black', 'white', 'orange'], // one in five has a colour
  scale: [16, 30],
  rotation: 0.1,
  inkVariation: 20,
  texture: 15,
};

/**
 * Scenes of each class, in training as in the test: the images of VOC 2007's `trainval` that show a class, dealt so that
 * either ink has frequent and less frequent classes. Zero … nine in red, then in blue.
 */
const counts = [
  [238, 445, 96, 2008, 200, 330, 245, 181, 229, 287],
  [141, 243, 713, 256, 337, 244, 421, 186, 261, 245],
].flat();

/** The context where each class is at home; see {@link longTailedLabelSets}. */
const homes = [
  [0, 0, 3, 0, 1, 2, 3, 2, 1, 0],
  [2, 1, 0, 3, 1, 2, 0, 3, 1, 2],
].flat();

const sceneCount = 5000;

export interface DigitsMlOptions extends SceneOptions {
  /** The first of the 5,000 training scenes that are taken, for a short comparison; default all. */
  readonly trainScenes?: number;
  /** The first of the 5,000 test scenes that are taken; default all. */
  readonly testScenes?: number;
}

/**
 * Multi-label scenes whose labels are distributed alike in training and in the test, for methods that learn from labels of
 * which some are unknown: the twenty classes of `digits-lt`, moderately imbalanced.
 *
 * 5,000 training and 5,000 test scenes, 1 … 4 labels, with the class counts of VOC 2007 (2,008 … 96, 1.46 labels a scene);
 * the test has other handwritten digits.
 *
 * @throws OptionError
 */
export async function digitsMl(options: DigitsMlOptions = {}): Promise<{ train: SceneSet; test: SceneSet }> {
  checkOptionNames('digitsMl', options, ['seed', 'difficulty', 'trainScenes', 'testScenes']);
  const { trainScenes = sceneCount, testScenes = sceneCount } = options;
  checkCount('digitsMl', 'options.trainScenes', trainScenes, { max: sceneCount });
  checkCount('digitsMl', 'options.testScenes', testScenes, { max: sceneCount });
  const kind = { name: 'digits-ml', version: 1, difficulty: digitsMlDifficulty };
  const { streams, make } = sceneMaker('digitsMl', kind, options);
  const scenesOf = (split: 'train' | 'test', scenes: number): SceneSet => {
    const labelSets = longTailedLabelSets(sceneCount, counts, homes, streams.derive(`${split} moderate labels`));
    return make(split, { pool: split, inks: targetInks, labelSets: labelSets.slice(0, scenes) });
  };
  return { train: scenesOf('train', trainScenes), test: scenesOf('test', testScenes) };
}
