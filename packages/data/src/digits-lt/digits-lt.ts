import { checkFlag, checkOptionNames } from '@ltml/tensor';
import { targetInks, unseenInk } from './inks.ts';
import { balancedLabelSets, longTailedLabelSets } from './label-sets.ts';
import type { Difficulty } from './scene.ts';
import { type SceneOptions, sceneMaker } from './scene-maker.ts';
import type { SceneSet } from './scene-set.ts';

/** The difficulty of `digits-lt@1`; docs/digits-lt.md tells how it was calibrated. */
export const digitsLtDifficulty: Difficulty = {
  distractors: [0, 2],
  distractorInks: ['black', 'orange', 'azure'],
  scale: [16, 30],
  rotation: 0.1,
  inkVariation: 20,
  texture: 15,
};

/**
 * Training scenes of each class: the counts of VOC-MLT (Wu et al., ECCV 2020), dealt so that the digit and the ink of a
 * rare class are also those of richer ones. Zero … nine in red, then in blue.
 */
const trainCounts = [
  [240, 20, 6, 775, 8, 100, 17, 29, 4, 82],
  [5, 48, 479, 11, 154, 14, 249, 34, 64, 7],
].flat();

/** The context where each class is at home; see {@link longTailedLabelSets}. Every context has common and rare classes. */
const trainHomes = [
  [1, 0, 0, 0, 1, 3, 2, 1, 3, 0],
  [2, 2, 0, 1, 0, 0, 1, 3, 0, 3],
].flat();

export interface DigitsLtOptions extends SceneOptions {
  /** Adds to the test scenes the ten classes of green ink, which training never shows. Default false. */
  readonly unseenClasses?: boolean;
}

/**
 * The embedded data set: handwritten digits in scenes of 64 × 64 pixels, long-tailed and multi-label.
 *
 * Twenty classes, ten digits in red and in blue ink. 1,142 training scenes with the class counts of VOC-MLT (775 … 4)
 * and 1 … 4 labels; 1,000 test scenes, class-balanced, 1 … 3 labels, of other handwritten digits. Digits in further inks
 * are there to distract and have no label. With `unseenClasses` the test labels have 30 columns; the first 20 are those
 * of training.
 *
 * The same options give the same bytes in every JavaScript engine.
 *
 * @throws OptionError
 */
export async function digitsLt(options: DigitsLtOptions = {}): Promise<{ train: SceneSet; test: SceneSet }> {
  checkOptionNames('digitsLt', options, ['seed', 'unseenClasses', 'difficulty']);
  const { unseenClasses = false } = options;
  checkFlag('digitsLt', 'options.unseenClasses', unseenClasses);
  const kind = { name: 'digits-lt', version: 1, difficulty: digitsLtDifficulty };
  const { streams, make } = sceneMaker('digitsLt', kind, options);
  const testInks = unseenClasses ? [...targetInks, unseenInk] : targetInks;
  return {
    train: make('train', {
      pool: 'train',
      inks: targetInks,
      labelSets: longTailedLabelSets(1142, trainCounts, trainHomes, streams.derive('train labels')),
    }),
    test: make(unseenClasses ? 'test-unseen' : 'test', {
      pool: 'test',
      inks: testInks,
      labelSets: balancedLabelSets(1000, testInks.length * 10, streams.derive('test labels')),
    }),
  };
}
