import type { Size } from '@ltml/images';
import type { RandomStreams } from '@ltml/tensor';
import type { Labels } from '@ltml/tensor/labels';
import type { Optdigits } from '../optdigits.ts';
import type { Pictures } from '../pictures.ts';
import type { GlyphPool } from './glyphs.ts';
import { classNames, type Ink } from './inks.ts';
import type { LabelSet } from './label-sets.ts';
import { renderScene } from './render.ts';
import { composeScene, type Difficulty, type Scene, sceneSize } from './scene.ts';

/** The scenes of a split with everything that is known about them. */
export interface SceneSet {
  /** Name with version and split, e.g. `digits-lt@1/train`. */
  readonly name: string;
  readonly classes: readonly string[];
  readonly labels: Labels;
  /** RGB pictures of 64 × 64 pixels. */
  readonly images: Pictures & { readonly size: Size };
  /** All digits of each scene, labelled or not, from back to front. */
  readonly scenes: readonly Scene[];
}

/** The parts from which the scenes of a split are made. */
export interface SceneSetParts {
  readonly name: string;
  /** Inks of the classes; each ink has ten classes. */
  readonly inks: readonly Ink[];
  readonly labelSets: readonly LabelSet[];
  readonly glyphs: Optdigits;
  readonly pool: GlyphPool;
  readonly difficulty: Difficulty;
}

/**
 * Makes a scene for each label set. A scene is composed and drawn when it is first read, from its own random stream,
 * which is named by split and position.
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
