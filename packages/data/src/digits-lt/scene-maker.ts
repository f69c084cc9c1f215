import { RandomStreams } from '@ltml/tensor';
import { optdigits } from '../optdigits.ts';
import { dealGlyphs, type GlyphPools } from './glyphs.ts';
import { checkDifficulty, type Difficulty } from './scene.ts';
import { makeSceneSet, type SceneSet, type SceneSetParts } from './scene-set.ts';

/** Options that all embedded scene data sets share. */
export interface SceneOptions {
  /** The seed, a whole number; default 1, the published data set. */
  readonly seed?: number;
  /** Changes to the difficulty of the data set. */
  readonly difficulty?: Partial<Difficulty>;
}

/** The properties of a data set that determine its name and its scenes. */
interface SceneKind {
  readonly name: string;
  readonly version: number;
  readonly difficulty: Difficulty;
}

interface SplitParts extends Pick<SceneSetParts, 'inks' | 'labelSets'> {
  /** The pool from which its handwritten digits come. */
  readonly pool: keyof GlyphPools;
}

interface SceneMaker {
  /** The streams from which label sets are drawn. */
  readonly streams: RandomStreams;
  make(split: string, parts: SplitParts): SceneSet;
}

/**
 * Makes the splits of a data set.
 *
 * @param where the function to name in errors
 * @throws OptionError
 */
export function sceneMaker(where: string, kind: SceneKind, options: SceneOptions): SceneMaker {
  const { seed = 1, difficulty: changes } = options;
  const streams = new RandomStreams(seed);
  const difficulty = { ...kind.difficulty, ...changes };
  checkDifficulty(where, difficulty);
  const glyphs = optdigits();
  const pools = dealGlyphs(glyphs);
  // Scenes with another difficulty get another name, because they are another data set.
  const set = `${kind.name}${changes ? '-custom' : `@${kind.version}`}${seed === 1 ? '' : `-seed${seed}`}`;
  return {
    streams,
    make: (split, { pool, ...parts }) =>
      makeSceneSet({ name: `${set}/${split}`, ...parts, glyphs, pool: pools[pool], difficulty }, streams),
  };
}
