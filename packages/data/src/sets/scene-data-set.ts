import { type Labels, labelRows, type SparseLabels } from '@ltml/tensor/labels';
import { classList, type DataSet, type LabelledPictures, type Protocol } from '../data-set.ts';
import type { SceneSet } from '../digits-lt/scene-set.ts';
import { dropLabels } from '../label-mask.ts';

/** Share of the training labels that are known, and the seed of what is forgotten, see `dropLabels`. */
export interface KnownLabels {
  readonly proportion: number;
  readonly seed?: number;
}

export interface SceneDataSetOptions {
  readonly name: string;
  /** Default `1`. */
  readonly version?: string;
  readonly protocol: Protocol;
  /** Default: all are known. */
  readonly knownLabels?: KnownLabels;
}

/** Embedded scenes as a data set. */
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
