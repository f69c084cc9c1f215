import { type Labels, labelRows, type SparseLabels } from '@ltml/tensor/labels';
import { classList, type DataSet, type LabelledPictures, type Protocol } from '../data-set.ts';
import type { SceneSet } from '../digits-lt/scene-set.ts';

interface Scenes extends Pick<SceneSet, 'name' | 'classes' | 'images'> {
  readonly labels: Labels | SparseLabels;
}

/** Embedded scenes as a data set. */
export function sceneDataSet(
  name: string,
  { train, test }: Readonly<Record<'train' | 'test', Scenes>>,
  protocol: Protocol,
  version = '1',
): DataSet {
  const seen = new Set(train.classes);
  return {
    name,
    version,
    classes: classList(test.classes).map((entry) => ({ ...entry, seen: seen.has(entry.name) })),
    splits: { train: labelled(train), test: labelled(test) },
    protocol,
  };
}

function labelled({ name, labels, images }: Scenes): LabelledPictures {
  return { name, labels: labelRows('sceneDataSet', labels), pictures: images };
}
