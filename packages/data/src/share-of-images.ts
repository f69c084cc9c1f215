import { checkNumber, type RandomStream } from '@ltml/tensor';
import type { SparseLabels } from '@ltml/tensor/labels';
import type { DataSet, LabelledPictures } from './data-set.ts';
import { subsetOfPictures } from './pictures.ts';
import { subsetOfSparseLabels } from './sparse-labels.ts';

/**
 * Draws a random share of the images that keeps the same share of each class, rounded up, so that no class is lost.
 * Rare classes come first. If their images contain more of a frequent class than its share, that class gets more.
 *
 * @param share in (0, 1]
 * @returns the indices of the chosen images, ascending; at least this share of all images
 * @throws OptionError on a share outside (0, 1]
 */
export function shareOfImages(labels: SparseLabels, share: number, random: RandomStream): Int32Array {
  checkNumber('shareOfImages', 'share', share, { above: 0, max: 1 });
  const { rows, columns } = labels;
  const order = random.permutation(rows);
  const imagesOf: number[][] = Array.from({ length: columns }, () => []);
  for (const image of order) for (const c of labels.row(image).present) imagesOf[c].push(image);
  const chosen = new Uint8Array(rows);
  const counts = new Int32Array(columns);
  let total = 0;
  const choose = (image: number): void => {
    chosen[image] = 1;
    total++;
    for (const c of labels.row(image).present) counts[c]++;
  };
  const rarestFirst = [...imagesOf.keys()].sort((a, b) => imagesOf[a].length - imagesOf[b].length || a - b);
  for (const c of rarestFirst) {
    const wanted = Math.ceil(share * imagesOf[c].length);
    for (const image of imagesOf[c]) {
      if (counts[c] >= wanted) break;
      if (chosen[image] === 0) choose(image);
    }
  }
  const wanted = Math.ceil(share * rows);
  for (const image of order) {
    if (total >= wanted) break;
    if (chosen[image] === 0) choose(image);
  }
  return Int32Array.from({ length: rows }, (_, image) => image).filter((image) => chosen[image] === 1);
}

/**
 * A data set with a share of the images of each split, see {@link shareOfImages}. Split names tell the share, e.g.
 * `voc07/train, share 0.02`.
 */
export function shareOfDataSet(dataSet: DataSet, share: number, random: RandomStream): DataSet {
  const { train, validation, test } = dataSet.splits;
  const part = ({ name, labels, pictures }: LabelledPictures): LabelledPictures => {
    const images = shareOfImages(labels, share, random);
    return {
      name: `${name}, share ${share}`,
      labels: subsetOfSparseLabels(labels, images),
      pictures: subsetOfPictures(pictures, images),
    };
  };
  return {
    ...dataSet,
    splits: {
      train: part(train),
      ...(validation && { validation: part(validation) }),
      ...(test && { test: part(test) }),
    },
  };
}
