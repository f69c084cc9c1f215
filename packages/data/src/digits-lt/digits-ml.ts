import { checkCount, checkOptionNames } from '@ltml/tensor';
import { targetInks } from './inks.ts';
import { longTailedLabelSets } from './label-sets.ts';
import type { Difficulty } from './scene.ts';
import { type SceneOptions, sceneMaker } from './scene-maker.ts';
import type { SceneSet } from './scene-set.ts';

/** The difficulty of `digits-ml@1`; docs/digits-lt.md describes how it was chosen. */
export const digitsMlDifficulty: Difficulty = {
  distractors: [0, 1],
  distractorInks: ['black', 'white', 'black', 'white', 'orange'], // one in five is coloured
  scale: [16, 30],
  rotation: 0.1,
  inkVariation: 20,
  texture: 15,
};

/**
 * Number of scenes of each class, in training and in test: the image counts of VOC 2007's `trainval`. They are assigned
 * so that both inks have frequent and less frequent classes. Zero … nine in red, then in blue.
 */
const counts = [
  [238, 445, 96, 2008, 200, 330, 245, 181, 229, 287],
  [141, 243, 713, 256, 337, 244, 421, 186, 261, 245],
].flat();

/** The home context of each class; see {@link longTailedLabelSets}. */
const homes = [
  [0, 0, 3, 0, 1, 2, 3, 2, 1, 0],
  [2, 1, 0, 3, 1, 2, 0, 3, 1, 2],
].flat();

const sceneCount = 5000;

/** Options of {@link digitsMl}. */
export interface DigitsMlOptions extends SceneOptions {
  /** Number of training scenes, the first of 5,000, for a short comparison; default all. */
  readonly trainScenes?: number;
  /** Number of test scenes, the first of 5,000; default all. */
  readonly testScenes?: number;
}

/**
 * Multi-label scenes with the same label distribution in training and test, for methods that learn from partly unknown
 * labels. They have the twenty classes of `digits-lt`, moderately imbalanced.
 *
 * There are 5,000 training and 5,000 test scenes with 1 … 4 labels each and the class counts of VOC 2007 (2,008 … 96,
 * 1.46 labels per scene). The test scenes show other handwritten digits.
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
