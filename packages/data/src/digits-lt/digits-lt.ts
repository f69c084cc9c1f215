import { checkFlag, checkOptionNames } from '@ltml/tensor';
import { targetInks, unseenInk } from './inks.ts';
import { balancedLabelSets, longTailedLabelSets } from './label-sets.ts';
import type { Difficulty } from './scene.ts';
import { type SceneOptions, sceneMaker } from './scene-maker.ts';
import type { SceneSet } from './scene-set.ts';

/** The difficulty of `digits-lt@1`; docs/digits-lt.md describes how it was chosen. */
export const digitsLtDifficulty: Difficulty = {
  distractors: [0, 2],
  distractorInks: ['black', 'orange', 'azure'],
  scale: [16, 30],
  rotation: 0.1,
  inkVariation: 20,
  texture: 15,
};

/**
 * Number of training scenes of each class: the counts of VOC-MLT (Wu et al., ECCV 2020). They are assigned so that the
 * digit and the ink of a rare class also occur in more frequent classes. Zero … nine in red, then in blue.
 */
const trainCounts = [
  [240, 20, 6, 775, 8, 100, 17, 29, 4, 82],
  [5, 48, 479, 11, 154, 14, 249, 34, 64, 7],
].flat();

/** The home context of each class; see {@link longTailedLabelSets}. Every context has common and rare classes. */
const trainHomes = [
  [1, 0, 0, 0, 1, 3, 2, 1, 3, 0],
  [2, 2, 0, 1, 0, 0, 1, 3, 0, 3],
].flat();

/** Options of {@link digitsLt}. */
export interface DigitsLtOptions extends SceneOptions {
  /** Adds the ten classes of green ink to the test scenes; training never shows them. Default false. */
  readonly unseenClasses?: boolean;
}

/**
 * The embedded data set: handwritten digits in scenes of 64 × 64 pixels, long-tailed and multi-label.
 *
 * It has twenty classes: ten digits in red and in blue ink. The 1,142 training scenes have the class counts of VOC-MLT
 * (775 … 4) and 1 … 4 labels each. The 1,000 test scenes are class-balanced, have 1 … 3 labels, and show other
 * handwritten digits. Digits in further inks are distractors without a label. With `unseenClasses` the test labels have
 * 30 columns; the first 20 are the training classes.
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
