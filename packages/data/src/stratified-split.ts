import { checkNumber, checkOptionNames, type RandomStream } from '@ltml/tensor';
import { type Labels, labelRows, type SparseLabels } from '@ltml/tensor/labels';
import { MinHeap } from './min-heap.ts';

/** Options of {@link stratifiedSplit}. */
export interface StratifiedSplitOptions {
  /** Share of the images to hold out, in [0, 1). */
  readonly share: number;
  /** Decides which images of a class are held out, and breaks ties. */
  readonly random: RandomStream;
}

/** The result of {@link stratifiedSplit}. */
export interface StratifiedSplit {
  /** Indices of the images that stay, ascending. */
  readonly train: Int32Array;
  /** Indices of the images that are held out, ascending. */
  readonly heldOut: Int32Array;
}

/**
 * Holds out a share of the images so that each class keeps its share: iterative stratification.
 *
 * The class with the fewest images left comes first. Each of its images, in random order, goes to the side that needs
 * more images of the class; if both need equally many, to the side that needs more images in total. Images without
 * labels also go to the side that needs more images. The same labels and stream give the same split. Cost: P·log P for
 * P labels, plus N·C to read dense labels.
 *
 * If every image has one label, n·share images of a class with n images are held out, up to half an image, rounded up
 * or down. With several labels per image the number is close to that. So a class with few images (n·share below ½) has
 * none held out.
 *
 * A label counts if it is known to be present; an unknown label has no influence. The only image of a class always
 * stays in train. A class without images has no influence.
 *
 * @returns both sides; together they contain every image once. Either may be empty
 * @throws OptionError on a share outside [0, 1); DataError on dense labels other than 0 and 1
 * Source: Sechidis, Tsoumakas and Vlahavas, On the Stratification of Multi-Label Data (ECML PKDD 2011), algorithm 1.
 * Their algorithm supports any number of folds and may hold out the only image of a class.
 */
export function stratifiedSplit(given: Labels | SparseLabels, options: StratifiedSplitOptions): StratifiedSplit {
  const where = 'stratifiedSplit';
  checkOptionNames(where, options, ['share', 'random']);
  const labels = labelRows(where, given);
  const { share, random } = options;
  checkNumber(where, 'options.share', share, { min: 0, below: 1 });
  const { rows } = labels;
  const order = random.permutation(rows);
  const { classesOf, imagesOf } = positives(labels, order);
  const left = imagesOf.map(({ length }) => length);
  // How many more images the held-out side needs than train, in total and for each class. An image that goes there
  // lowers it by one; an image that goes to train raises it by one.
  let wish = rows * (2 * share - 1);
  const wishes = left.map((count) => count * (2 * share - 1));
  const dealt = new Uint8Array(rows);
  const isHeldOut = new Uint8Array(rows);
  const deal = (image: number, wanted: number): void => {
    const onlyOne = classesOf[image].some((c) => imagesOf[c].length === 1);
    const toHeldOut = !onlyOne && (wanted || wish || random.uniform() - 0.5) > 0;
    dealt[image] = 1;
    isHeldOut[image] = toHeldOut ? 1 : 0;
    const change = toHeldOut ? -1 : 1;
    wish += change;
    for (const c of classesOf[image]) {
      wishes[c] += change;
      left[c]--;
    }
  };

  const rarest = new MinHeap();
  // Of equally rare classes a random one comes first.
  for (const c of random.permutation(labels.columns)) if (left[c] > 0) rarest.push(c, left[c]);
  for (let top = rarest.pop(); top; top = rarest.pop()) {
    const { item: c, key } = top;
    // The heap's entry of a class is never below its number of images left, because each change is pushed.
    if (key !== left[c]) continue;
    const touched = new Set<number>();
    for (const image of imagesOf[c]) {
      if (dealt[image] === 1) continue;
      deal(image, wishes[c]);
      for (const other of classesOf[image]) touched.add(other);
    }
    for (const other of touched) if (left[other] > 0) rarest.push(other, left[other]);
  }
  for (const image of order) if (dealt[image] === 0) deal(image, 0);

  const images = Int32Array.from({ length: rows }, (_, image) => image);
  return {
    train: images.filter((image) => isHeldOut[image] === 0),
    heldOut: images.filter((image) => isHeldOut[image] === 1),
  };
}

/** The known present classes of each image, and the images of each class in the given order. */
function positives(labels: SparseLabels, order: Int32Array): { classesOf: Int32Array[]; imagesOf: number[][] } {
  const classesOf = new Array<Int32Array>(labels.rows);
  const imagesOf: number[][] = Array.from({ length: labels.columns }, () => []);
  for (const image of order) {
    classesOf[image] = labels.row(image).present;
    for (const c of classesOf[image]) imagesOf[c].push(image);
  }
  return { classesOf, imagesOf };
}
