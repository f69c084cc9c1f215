import { checkCount, checkOptionNames } from '@ltml/tensor';
import { paretoReference } from '../long-tail.ts';
import { digitsLtDifficulty } from './digits-lt.ts';
import { singleInks } from './inks.ts';
import { type SceneOptions, sceneMaker } from './scene-maker.ts';
import type { SceneSet } from './scene-set.ts';

const classCount = 10 * singleInks.length;

/** Training scenes of each class by falling frequency, 500 … 5, from a Pareto density of power 6 as in ImageNet-LT. */
const trainCounts: readonly number[] = Array.from(
  paretoReference(classCount, { max: 500, min: 5, power: 6, covered: 0.999 }),
);

/** Digits in the order in which frequency ranks are assigned to them. */
const digitsByRank = [3, 8, 1, 6, 0, 9, 4, 7, 2, 5];

/** Options of {@link digitsLtSingle}. */
export interface DigitsLtSingleOptions extends SceneOptions {
  /** Number of test scenes, the first of 10,000, for a short comparison; default all. */
  readonly testScenes?: number;
}

/**
 * Scenes with one class each, for single-label methods: sixty classes (ten digits in six inks), with the distractors of
 * `digits-lt`.
 *
 * There are 2,780 training scenes, 500 … 5 per class: 8 classes have over 100, 10 have 20 to 100, and 42 have below 20.
 * The 10,000 test scenes have 166 or 167 per class and show other handwritten digits. Among any ten classes consecutive
 * in frequency all digits occur, and each ink has frequent and rare classes. So a rare class shares its digit and its
 * ink with frequent ones.
 *
 * @throws OptionError
 */
export async function digitsLtSingle(
  options: DigitsLtSingleOptions = {},
): Promise<{ train: SceneSet; test: SceneSet }> {
  const where = 'digitsLtSingle';
  checkOptionNames(where, options, ['seed', 'difficulty', 'testScenes']);
  const { testScenes = 10_000 } = options;
  checkCount(where, 'options.testScenes', testScenes, { max: 10_000 });
  const kind = { name: 'digits-lt-single', version: 2, difficulty: digitsLtDifficulty };
  const { streams, make } = sceneMaker(where, kind, options);
  const trainSets = trainCounts.flatMap((count, rank) => Array.from({ length: count }, () => [classOfRank(rank)]));
  const testStream = streams.derive('test single labels');
  // All classes in turn, so that the first scenes are balanced too.
  const rounds = Array.from({ length: Math.ceil(testScenes / classCount) }, () =>
    Array.from(testStream.permutation(classCount), (c) => [c]),
  );
  const labelSets = {
    train: streams.derive('train single labels').shuffle(trainSets),
    test: rounds.flat().slice(0, testScenes),
  };
  return {
    train: make('train', { pool: 'train', inks: singleInks, labelSets: labelSets.train }),
    test: make('test', { pool: 'test', inks: singleInks, labelSets: labelSets.test }),
  };
}

/** Every ten ranks go through the digits; the ink changes with every rank, and once more after every ten. */
function classOfRank(rank: number): number {
  const round = Math.floor(rank / 10);
  return digitsByRank[rank % 10] + 10 * ((rank + round) % singleInks.length);
}
