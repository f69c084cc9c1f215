import { checkChoice, checkCount, checkNumber, checkOptionNames, OptionError, type RandomStream } from '@ltml/tensor';
import { checkIndices } from '@ltml/tensor/labels';
import { type ChooseFrom, dealByInsertion, largest } from './stratify-by-insertion.ts';

/** Options of {@link iterativeStratification}. */
export interface IterativeStratificationOptions {
  /** The share of each fold, > 0; they sum to 1. */
  readonly ratios: readonly number[];
  /**
   * Which class comes next. `rarest`, the default: the class with the fewest images left. `insertion`: in order of
   * first appearance, as scikit-multilearn does, to compare with splits made by it.
   */
  readonly selection?: 'rarest' | 'insertion';
  /**
   * For `insertion`: how many classes of an image are balanced together; default 1 (2 in scikit-multilearn's
   * train_test_split).
   */
  readonly order?: number;
  /** Breaks ties at random; default the first candidate. */
  readonly random?: Pick<RandomStream, 'uniform'>;
}

/**
 * Assigns images to folds so that each class has its share in each fold.
 *
 * The class with the fewest images left comes first. Each of its images, in order, goes to the fold that needs most
 * images of the class; of equal folds, to the one that needs most images in total. Images without labels come last and
 * go to the fold that needs most images. Cost: linear in the labels, quadratic in the classes, and linear in images
 * times folds.
 *
 * @param lists class indices of each image; a class listed twice counts once
 * @param classes C
 * @returns [N] the fold of each image; folds may be empty if there are fewer images than folds
 * @throws OptionError on ratios that are not above 0 or do not sum to 1; DataError on a class that does not exist
 * Source: Sechidis, Tsoumakas and Vlahavas, On the Stratification of Multi-Label Data (ECML PKDD 2011), algorithm 1;
 * `insertion`: scikit-multilearn's IterativeStratification.
 */
export function iterativeStratification(
  lists: readonly ArrayLike<number>[],
  classes: number,
  options: IterativeStratificationOptions,
): Int32Array {
  const where = 'iterativeStratification';
  checkOptionNames(where, options, ['ratios', 'selection', 'order', 'random']);
  const { ratios, selection = 'rarest', order = 1, random } = options;
  checkCount(where, 'classes', classes, { min: 0 });
  checkChoice(where, 'options.selection', selection, ['rarest', 'insertion']);
  checkCount(where, 'options.order', order);
  checkRatios(where, ratios);
  for (const [image, list] of lists.entries()) checkIndices(where, `lists[${image}]`, list, classes);
  const choose: ChooseFrom = (candidates) =>
    candidates[random && candidates.length > 1 ? Math.floor(random.uniform() * candidates.length) : 0];
  const sorted = lists.map((list) => Int32Array.from(new Set(Array.from(list))).sort());
  return selection === 'rarest'
    ? dealByRarest(sorted, classes, ratios, choose)
    : dealByInsertion(sorted, ratios, order, choose);
}

function checkRatios(where: string, ratios: readonly number[]): void {
  for (const [fold, ratio] of ratios.entries()) checkNumber(where, `options.ratios[${fold}]`, ratio, { above: 0 });
  const sum = ratios.reduce((total, ratio) => total + ratio, 0);
  if (Math.abs(sum - 1) <= 1e-9) return;
  throw new OptionError({ where, argument: 'options.ratios', expected: '1 in total', received: `${sum}` });
}

function dealByRarest(
  lists: readonly Int32Array[],
  classes: number,
  ratios: readonly number[],
  choose: ChooseFrom,
): Int32Array {
  const imagesOf: number[][] = Array.from({ length: classes }, () => []);
  for (const [image, list] of lists.entries()) for (const c of list) imagesOf[c].push(image);
  const left = imagesOf.map(({ length }) => length);
  const wanted = ratios.map((ratio) => ratio * lists.length);
  const wantedOf = ratios.map((ratio) => Float64Array.from(left, (count) => ratio * count));
  const folds = ratios.map((_, fold) => fold);
  const foldOf = new Int32Array(lists.length).fill(-1);
  for (let c = rarest(left, choose); c >= 0; c = rarest(left, choose)) {
    for (const image of imagesOf[c]) {
      if (foldOf[image] >= 0) continue;
      const eager = largest(folds, (fold) => wantedOf[fold][c]);
      const fold = choose(largest(eager, (candidate) => wanted[candidate]));
      foldOf[image] = fold;
      wanted[fold]--;
      for (const other of lists[image]) {
        wantedOf[fold][other]--;
        left[other]--;
      }
    }
  }
  for (const image of foldOf.keys()) {
    if (foldOf[image] >= 0) continue;
    foldOf[image] = choose(largest(folds, (fold) => wanted[fold]));
    wanted[foldOf[image]]--;
  }
  return foldOf;
}

/** The class with the fewest images left; −1 if none has any. */
function rarest(left: readonly number[], choose: ChooseFrom): number {
  let least = Infinity;
  for (const count of left) if (count > 0 && count < least) least = count;
  if (least === Infinity) return -1;
  return choose(left.flatMap((count, c) => (count === least ? [c] : [])));
}
