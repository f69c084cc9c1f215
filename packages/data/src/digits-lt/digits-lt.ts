import { checkOptionNames, RandomStreams } from '@ltml/tensor';
import { optdigits } from '../optdigits.ts';
import { dealGlyphs } from './glyphs.ts';
import { sourceInks, targetInks, unseenInk } from './inks.ts';
import { balancedLabelSets, longTailedLabelSets } from './label-sets.ts';
import type { Difficulty } from './scene.ts';
import { makeSceneSet, type SceneSet } from './scene-set.ts';

/** The difficulty of `digits-lt@1` and its source task; docs/digits-lt.md tells how it was calibrated. */
export const digitsLtDifficulty: Difficulty = {
  distractors: [0, 2],
  scale: [14, 30],
  rotation: 0.2,
  inkVariation: 30,
  texture: 25,
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

export interface DigitsLtOptions {
  /** Default 1: `digits-lt@1`. */
  readonly seed?: number;
  /** Adds to the test scenes the ten classes of green ink, which training never shows. Default false. */
  readonly unseenClasses?: boolean;
  /** Changes to {@link digitsLtDifficulty}. */
  readonly difficulty?: Partial<Difficulty>;
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
 * @throws OptionError on an unknown option
 */
export async function digitsLt(options: DigitsLtOptions = {}): Promise<{ train: SceneSet; test: SceneSet }> {
  checkOptionNames('digitsLt', options, ['seed', 'unseenClasses', 'difficulty']);
  const { seed = 1, unseenClasses = false } = options;
  const streams = new RandomStreams(seed);
  const glyphs = optdigits();
  const pools = dealGlyphs(glyphs);
  const difficulty = { ...digitsLtDifficulty, ...options.difficulty };
  const testInks = unseenClasses ? [...targetInks, unseenInk] : targetInks;
  const name = nameOf('digits-lt', seed, options.difficulty);
  return {
    train: makeSceneSet(
      {
        name: `${name}/train`,
        inks: targetInks,
        labelSets: longTailedLabelSets(1142, trainCounts, trainHomes, streams.derive('train labels')),
        glyphs,
        pool: pools.train,
        difficulty,
      },
      streams,
    ),
    test: makeSceneSet(
      {
        name: `${name}/${unseenClasses ? 'test-unseen' : 'test'}`,
        inks: testInks,
        labelSets: balancedLabelSets(1000, testInks.length * 10, streams.derive('test labels')),
        glyphs,
        pool: pools.test,
        difficulty,
      },
      streams,
    ),
  };
}

export interface DigitsSourceOptions {
  /** Default 1. */
  readonly seed?: number;
  /** Training scenes, default 6,000. */
  readonly trainScenes?: number;
  /** Validation scenes, default 900. */
  readonly validationScenes?: number;
  /** Changes to {@link digitsLtDifficulty}. */
  readonly difficulty?: Partial<Difficulty>;
}

/**
 * The source task on which backbones for `digits-lt` are pretrained: thirty balanced classes, ten digits in yellow, cyan
 * and magenta ink, 1 … 3 labels a scene, among the same distractors.
 *
 * It shares no handwritten digit with `digits-lt`, nor do training and validation.
 *
 * @throws OptionError on an unknown option
 */
export async function digitsSource(
  options: DigitsSourceOptions = {},
): Promise<{ train: SceneSet; validation: SceneSet }> {
  checkOptionNames('digitsSource', options, ['seed', 'trainScenes', 'validationScenes', 'difficulty']);
  const { seed = 1, trainScenes = 6000, validationScenes = 900 } = options;
  const streams = new RandomStreams(seed);
  const glyphs = optdigits();
  const pools = dealGlyphs(glyphs);
  const name = nameOf('digits-source', seed, options.difficulty);
  const make = (split: string, scenes: number, pool: typeof pools.train): SceneSet =>
    makeSceneSet(
      {
        name: `${name}/${split}`,
        inks: sourceInks,
        labelSets: balancedLabelSets(scenes, 30, streams.derive(`${split} labels`)),
        glyphs,
        pool,
        difficulty: { ...digitsLtDifficulty, ...options.difficulty },
      },
      streams,
    );
  return {
    train: make('train', trainScenes, pools.sourceTrain),
    validation: make('validation', validationScenes, pools.sourceValidation),
  };
}

/** `base@1`, with its seed where that is not the frozen one; scenes of another difficulty are another data set. */
function nameOf(base: string, seed: number, difficulty: Partial<Difficulty> | undefined): string {
  return `${base}${difficulty ? '-custom' : '@1'}${seed === 1 ? '' : `-seed${seed}`}`;
}
