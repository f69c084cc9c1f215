import { checkCount, checkOptionNames, RandomStreams } from '@ltml/tensor';
import { optdigits } from '../optdigits.ts';
import { dealGlyphs, type GlyphPool } from './glyphs.ts';
import { sourceInks } from './inks.ts';
import { balancedLabelSets } from './label-sets.ts';
import { checkDifficulty, type Difficulty } from './scene.ts';
import { makeSceneSet, type SceneSet, sceneSetName } from './scene-set.ts';

/** The difficulty of the source task: its distractors have no colour, so those of `digits-lt` are partly new. */
export const digitsSourceDifficulty: Difficulty = {
  distractors: [0, 3],
  distractorInks: ['black', 'white'],
  scale: [14, 30],
  rotation: 0.2,
  inkVariation: 25,
  texture: 25,
};

export interface DigitsSourceOptions {
  /** Default 1. */
  readonly seed?: number;
  /** Training scenes; default 6,000. */
  readonly trainScenes?: number;
  /** Validation scenes; default 900. */
  readonly validationScenes?: number;
  /** Changes to {@link digitsSourceDifficulty}. */
  readonly difficulty?: Partial<Difficulty>;
}

/**
 * The source task on which encoders for `digits-lt` are pretrained: thirty classes, equally frequent, ten digits in
 * yellow, cyan and magenta ink, 1 … 3 labels a scene, among distractors.
 *
 * It shares no ink of a class and no handwritten digit with `digits-lt`; training and validation share no digit either.
 *
 * @throws OptionError
 */
export async function digitsSource(
  options: DigitsSourceOptions = {},
): Promise<{ train: SceneSet; validation: SceneSet }> {
  checkOptionNames('digitsSource', options, ['seed', 'trainScenes', 'validationScenes', 'difficulty']);
  const { seed = 1, trainScenes = 6000, validationScenes = 900 } = options;
  checkCount('digitsSource', 'options.trainScenes', trainScenes, { min: 0 });
  checkCount('digitsSource', 'options.validationScenes', validationScenes, { min: 0 });
  const difficulty = { ...digitsSourceDifficulty, ...options.difficulty };
  checkDifficulty('digitsSource', difficulty);
  const streams = new RandomStreams(seed);
  const glyphs = optdigits();
  const pools = dealGlyphs(glyphs);
  const make = (split: string, scenes: number, pool: GlyphPool): SceneSet =>
    makeSceneSet(
      {
        name: `${sceneSetName('digits-source', { ...options, version: 1 })}/${split}`,
        inks: sourceInks,
        labelSets: balancedLabelSets(scenes, sourceInks.length * 10, streams.derive(`${split} labels`)),
        glyphs,
        pool,
        difficulty,
      },
      streams,
    );
  return {
    train: make('train', trainScenes, pools.sourceTrain),
    validation: make('validation', validationScenes, pools.sourceValidation),
  };
}
