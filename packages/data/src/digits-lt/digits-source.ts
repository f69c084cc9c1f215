import { checkCount, checkOptionNames } from '@ltml/tensor';
import { sourceInks } from './inks.ts';
import { balancedLabelSets } from './label-sets.ts';
import type { Difficulty } from './scene.ts';
import { type SceneOptions, sceneMaker } from './scene-maker.ts';
import type { SceneSet } from './scene-set.ts';

/** The difficulty of the source task. Its distractors have no colour, so those of `digits-lt` are partly new. */
export const digitsSourceDifficulty: Difficulty = {
  distractors: [0, 3],
  distractorInks: ['black', 'white'],
  scale: [14, 30],
  rotation: 0.2,
  inkVariation: 25,
  texture: 25,
};

/** Options of {@link digitsSource}. */
export interface DigitsSourceOptions extends SceneOptions {
  /** Number of training scenes, from 0; default 6,000. */
  readonly trainScenes?: number;
  /** Number of validation scenes, from 0; default 900. */
  readonly validationScenes?: number;
}

/**
 * The source task for pretraining encoders for `digits-lt`: thirty equally frequent classes (ten digits in yellow, cyan
 * and magenta ink), 1 … 3 labels per scene, among distractors.
 *
 * It shares neither a class's ink nor a handwritten digit with `digits-lt`. Training and validation share no
 * handwritten digit either.
 *
 * @throws OptionError
 */
export async function digitsSource(
  options: DigitsSourceOptions = {},
): Promise<{ train: SceneSet; validation: SceneSet }> {
  checkOptionNames('digitsSource', options, ['seed', 'trainScenes', 'validationScenes', 'difficulty']);
  const { trainScenes = 6000, validationScenes = 900 } = options;
  checkCount('digitsSource', 'options.trainScenes', trainScenes, { min: 0 });
  checkCount('digitsSource', 'options.validationScenes', validationScenes, { min: 0 });
  const kind = { name: 'digits-source', version: 1, difficulty: digitsSourceDifficulty };
  const { streams, make } = sceneMaker('digitsSource', kind, options);
  const scenesOf = (split: string, scenes: number, pool: 'sourceTrain' | 'sourceValidation'): SceneSet => {
    const labelSets = balancedLabelSets(scenes, sourceInks.length * 10, streams.derive(`${split} labels`));
    return make(split, { pool, inks: sourceInks, labelSets });
  };
  return {
    train: scenesOf('train', trainScenes, 'sourceTrain'),
    validation: scenesOf('validation', validationScenes, 'sourceValidation'),
  };
}
