import type { RandomStreams } from '@ltml/tensor';
import type { Labels } from '@ltml/tensor/labels';
import type { ImageSource } from '../dataset.ts';
import type { Optdigits } from '../optdigits.ts';
import type { GlyphPool } from './glyphs.ts';
import { classNames, type Ink } from './inks.ts';
import type { LabelSet } from './label-sets.ts';
import { renderScene, sceneSize } from './render.ts';
import { composeScene, type Difficulty, type Scene } from './scene.ts';

/** Scenes and what there is to know of them. */
export interface SceneSet {
  /** E.g. `digits-lt@1/train`. */
  readonly name: string;
  readonly classes: readonly string[];
  readonly labels: Labels;
  /** RGB, 64 × 64. */
  readonly images: ImageSource;
  /** Every digit of each scene, labelled or not, from the back to the front. */
  readonly scenes: readonly Scene[];
}

/** What the scenes of a set are made from. */
export interface SceneSetParts {
  readonly name: string;
  /** Inks of the classes, ten classes each. */
  readonly inks: readonly Ink[];
  readonly labelSets: readonly LabelSet[];
  readonly glyphs: Optdigits;
  readonly pool: GlyphPool;
  readonly difficulty: Difficulty;
}

/** Composes and draws a scene for each label set. A scene draws from a stream of its own, named by set and place. */
export function makeSceneSet(parts: SceneSetParts, streams: RandomStreams): SceneSet {
  const { name, inks, labelSets, glyphs, pool, difficulty } = parts;
  const bytes = sceneSize * sceneSize * 3;
  const pixels = new Uint8Array(labelSets.length * bytes);
  const scenes = labelSets.map((labels, i) => {
    const random = streams.derive(name, i);
    const scene = composeScene(labels, inks, pool, difficulty, random);
    renderScene(scene, glyphs, difficulty.texture, random, pixels.subarray(i * bytes, (i + 1) * bytes));
    return scene;
  });
  return {
    name,
    classes: classNames(inks),
    labels: indicators(labelSets, inks.length * 10),
    images: {
      length: labelSets.length,
      height: sceneSize,
      width: sceneSize,
      read: async (index) => pixels.slice(index * bytes, (index + 1) * bytes),
    },
    scenes,
  };
}

function indicators(labelSets: readonly LabelSet[], columns: number): Labels {
  const present = new Uint8Array(labelSets.length * columns);
  for (const [row, labels] of labelSets.entries()) for (const c of labels) present[row * columns + c] = 1;
  return { rows: labelSets.length, columns, present };
}

/** `base@1`, with its seed where that is not 1; scenes of another difficulty are another data set. */
export function sceneSetName(base: string, options: { readonly seed?: number; readonly difficulty?: unknown }): string {
  const { seed = 1, difficulty } = options;
  return `${base}${difficulty ? '-custom' : '@1'}${seed === 1 ? '' : `-seed${seed}`}`;
}
