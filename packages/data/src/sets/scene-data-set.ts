import { type Labels, labelRows, type SparseLabels } from '@ltml/tensor/labels';
import { classList, type DataSet, type LabelledPictures, type Protocol } from '../data-set.ts';
import type { SceneSet } from '../digits-lt/scene-set.ts';
import { dropLabels } from '../label-mask.ts';

/** The share of the training labels that are known, and the seed for dropping the others; see `dropLabels`. */
export interface KnownLabels {
  /** Share of the labels that stay known, in [0, 1]. */
  readonly proportion: number;
  /** Seed of the draw; default 0. */
  readonly seed?: number;
}

/** Options of {@link sceneDataSet}. */
export interface SceneDataSetOptions {
  /** Name of the data set. */
  readonly name: string;
  /** Version of the scenes; default `1`. */
  readonly version?: string;
  readonly protocol: Protocol;
  /** Which training labels are known; default all. */
  readonly knownLabels?: KnownLabels;
}

/** Makes a data set from embedded scenes. */
export function sceneDataSet(
  { train, test }: Readonly<Record<'train' | 'test', SceneSet>>,
  { name, version = '1', protocol, knownLabels }: SceneDataSetOptions,
): DataSet {
  const seen = new Set(train.classes);
  const { proportion, seed = 0 } = knownLabels ?? {};
  const labels = proportion === undefined ? train.labels : dropLabels(train.labels, proportion, { seed });
  return {
    name,
    version,
    classes: classList(test.classes).map((entry) => ({ ...entry, seen: seen.has(entry.name) })),
    splits: { train: labelled(train, labels), test: labelled(test, test.labels) },
    protocol,
  };
}

function labelled({ name, images }: SceneSet, labels: Labels | SparseLabels): LabelledPictures {
  return { name, labels: labelRows('sceneDataSet', labels), pictures: images };
}
