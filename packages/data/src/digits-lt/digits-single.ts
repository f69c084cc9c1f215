import { checkOptionNames, RandomStreams } from '@ltml/tensor';
import { optdigits } from '../optdigits.ts';
import type { DigitsLtOptions } from './digits-lt.ts';
import { digitsLtDifficulty } from './digits-lt.ts';
import { dealGlyphs } from './glyphs.ts';
import { targetInks } from './inks.ts';
import type { LabelSet } from './label-sets.ts';
import { checkDifficulty } from './scene.ts';
import { makeSceneSet, type SceneSet, sceneSetName } from './scene-set.ts';

/** Training scenes of the classes by falling frequency: 300 · 100^(−r / 19), rounded. The imbalance ratio is 100. */
const trainCounts = [300, 235, 185, 145, 114, 89, 70, 55, 43, 34, 27, 21, 16, 13, 10, 8, 6, 5, 4, 3];

/** Digits by falling frequency, in alternating inks; then the same digits in their other ink. */
const digitsByRank = [3, 8, 1, 6, 0, 9, 4, 7, 2, 5];

/** Test scenes of each class. */
const testScenes = 50;

export type DigitsLtSingleOptions = Omit<DigitsLtOptions, 'unseenClasses'>;

/**
 * `digits-lt` with one label a scene: the same twenty classes, inks, handwriting and distractors, for methods that take
 * classes to exclude one another.
 *
 * 1,383 training scenes with 300 … 3 of a class (exponentially, ratio 100: 5 classes over 100, 7 from 20 to 100, 8 below
 * 20); 1,000 test scenes, 50 of each class, of other handwritten digits. A rare class shares its digit with one that is
 * eleven times as frequent.
 *
 * @throws OptionError
 */
export async function digitsLtSingle(
  options: DigitsLtSingleOptions = {},
): Promise<{ train: SceneSet; test: SceneSet }> {
  checkOptionNames('digitsLtSingle', options, ['seed', 'difficulty']);
  const { seed = 1 } = options;
  const streams = new RandomStreams(seed);
  const glyphs = optdigits();
  const pools = dealGlyphs(glyphs);
  const difficulty = { ...digitsLtDifficulty, ...options.difficulty };
  checkDifficulty('digitsLtSingle', difficulty);
  const name = sceneSetName('digits-lt-single', options);
  const make = (split: 'train' | 'test', counts: readonly number[]): SceneSet => {
    const labelSets = streams
      .derive(`${split} single labels`)
      .shuffle(counts.flatMap((count, rank) => Array.from({ length: count }, (): LabelSet => [classOfRank(rank)])));
    return makeSceneSet(
      { name: `${name}/${split}`, inks: targetInks, labelSets, glyphs, pool: pools[split], difficulty },
      streams,
    );
  };
  return {
    train: make('train', trainCounts),
    test: make(
      'test',
      trainCounts.map(() => testScenes),
    ),
  };
}

function classOfRank(rank: number): number {
  const digit = digitsByRank[rank % 10];
  const firstInk = (rank % 10) % 2;
  return digit + 10 * (rank < 10 ? firstInk : 1 - firstInk);
}
