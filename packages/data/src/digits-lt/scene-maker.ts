import { RandomStreams } from '@ltml/tensor';
import { optdigits } from '../optdigits.ts';
import { dealGlyphs, type GlyphPools } from './glyphs.ts';
import { checkDifficulty, type Difficulty } from './scene.ts';
import { makeSceneSet, type SceneSet, type SceneSetParts } from './scene-set.ts';

/** What all embedded data sets of scenes take. */
export interface SceneOptions {
  /** Default 1: the frozen data set. */
  readonly seed?: number;
  /** Changes to the difficulty of the data set. */
  readonly difficulty?: Partial<Difficulty>;
}

/** Of a data set, by which its name and scenes are made. */
interface SceneKind {
  readonly name: string;
  readonly version: number;
  readonly difficulty: Difficulty;
}

interface SplitParts extends Pick<SceneSetParts, 'inks' | 'labelSets'> {
  /** Whose handwritten digits it shows. */
  readonly pool: keyof GlyphPools;
}

interface SceneMaker {
  /** Where label sets are drawn from. */
  readonly streams: RandomStreams;
  make(split: string, parts: SplitParts): SceneSet;
}

/**
 * Makes the splits of a data set.
 *
 * @param where the function whose options these are, for errors
 * @throws OptionError
 */
export function sceneMaker(where: string, kind: SceneKind, options: SceneOptions): SceneMaker {
  const { seed = 1, difficulty: changes } = options;
  const streams = new RandomStreams(seed);
  const difficulty = { ...kind.difficulty, ...changes };
  checkDifficulty(where, difficulty);
  const glyphs = optdigits();
  const pools = dealGlyphs(glyphs);
  // Scenes of another difficulty are another data set.
  const set = `${kind.name}${changes ? '-custom' : `@${kind.version}`}${seed === 1 ? '' : `-seed${seed}`}`;
  return {
    streams,
    make: (split, { pool, ...parts }) =>
      makeSceneSet({ name: `${set}/${split}`, ...parts, glyphs, pool: pools[pool], difficulty }, streams),
  };
}
