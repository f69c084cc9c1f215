import type { Size } from '@ltml/images';
import type { RandomStreams } from '@ltml/tensor';
import type { Labels } from '@ltml/tensor/labels';
import type { Optdigits } from '../optdigits.ts';
import type { Pictures } from '../pictures.ts';
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
  readonly images: Pictures & { readonly size: Size };
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

/**
 * A scene for each label set, composed and drawn when it is first asked for. A scene draws from a stream of its own, named
 * by set and place.
 */
export function makeSceneSet(parts: SceneSetParts, streams: RandomStreams): SceneSet {
  const { name, inks, labelSets, glyphs, pool, difficulty } = parts;
  const made: { readonly scene: Scene; readonly pixels: Uint8Array }[] = [];
  const make = (i: number): (typeof made)[number] => {
    if (made[i]) return made[i];
    const random = streams.derive(name, i);
    const scene = composeScene(labelSets[i], inks, pool, difficulty, random);
    const pixels = new Uint8Array(sceneSize * sceneSize * 3);
    renderScene(scene, glyphs, difficulty.texture, random, pixels);
    made[i] = { scene, pixels };
    return made[i];
  };
  let scenes: readonly Scene[] | undefined;
  return {
    name,
    classes: classNames(inks),
    labels: indicators(labelSets, inks.length * 10),
    images: {
      length: labelSets.length,
      size: { height: sceneSize, width: sceneSize },
      key: (index) => `${index}`,
      read: async (index) => ({ height: sceneSize, width: sceneSize, pixels: make(index).pixels.slice() }),
    },
    get scenes() {
      scenes ??= labelSets.map((_, i) => make(i).scene);
      return scenes;
    },
  };
}

function indicators(labelSets: readonly LabelSet[], columns: number): Labels {
  const present = new Uint8Array(labelSets.length * columns);
  for (const [row, labels] of labelSets.entries()) for (const c of labels) present[row * columns + c] = 1;
  return { rows: labelSets.length, columns, present };
}
