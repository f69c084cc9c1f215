import { checkCount, checkOptionNames } from '@ltml/tensor';
import { paretoReference } from '../long-tail.ts';
import { digitsLtDifficulty } from './digits-lt.ts';
import { singleInks } from './inks.ts';
import { type SceneOptions, sceneMaker } from './scene-maker.ts';
import type { SceneSet } from './scene-set.ts';

const classCount = 10 * singleInks.length;

/** Training scenes of the classes by falling frequency: 500 … 5 under a Pareto density of power 6, as ImageNet-LT has. */
const trainCounts: readonly number[] = Array.from(
  paretoReference(classCount, { max: 500, min: 5, power: 6, covered: 0.999 }),
);

/** Digits in the order in which ranks are dealt to them. */
const digitsByRank = [3, 8, 1, 6, 0, 9, 4, 7, 2, 5];

export interface DigitsLtSingleOptions extends SceneOptions {
  /** The first of the 10,000 test scenes that are taken, for a short comparison; default all. */
  readonly testScenes?: number;
}

/**
 * Scenes of one class each, for methods that take classes to exclude one another: sixty classes, ten digits in six inks,
 * with the distractors of `digits-lt`.
 *
 * 2,780 training scenes, 500 … 5 of a class (8 classes over 100, 10 from 20 to 100, 42 below 20), and 10,000 test scenes,
 * 166 or 167 of each class, of other handwritten digits. Of ten classes that follow each other by frequency each has
 * another digit, and each ink has rich and rare classes: a rare class shares its digit and its ink with rich ones.
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
  // Dealt in rounds of all classes, so that the first scenes are balanced, too.
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

/** Each ten ranks go through the digits, and the ink moves on with every rank and once more with every ten. */
function classOfRank(rank: number): number {
  const round = Math.floor(rank / 10);
  return digitsByRank[rank % 10] + 10 * ((rank + round) % singleInks.length);
}
