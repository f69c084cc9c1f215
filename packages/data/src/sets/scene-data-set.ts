import { sparseOf } from '@ltml/tensor/labels';
import { classList, type DataSet, type LabelledPictures, type Protocol } from '../data-set.ts';
import type { SceneSet } from '../digits-lt/scene-set.ts';

/** Embedded scenes as a data set. */
export function sceneDataSet(
  name: string,
  { train, test }: Readonly<Record<'train' | 'test', Omit<SceneSet, 'scenes'>>>,
  protocol: Protocol,
): DataSet {
  const seen = new Set(train.classes);
  return {
    name,
    version: '1',
    classes: classList(test.classes).map((entry) => ({ ...entry, seen: seen.has(entry.name) })),
    splits: { train: labelled(train), test: labelled(test) },
    protocol,
  };
}

function labelled({ name, labels, images }: Omit<SceneSet, 'scenes'>): LabelledPictures {
  return { name, labels: sparseOf(labels), pictures: images };
}
