import { checkCount, checkNumber, checkOptionNames, MersenneTwister, type RandomStream } from '@ltml/tensor';
import { type LabelRow, type Labels, labelRows, type SparseLabels } from '@ltml/tensor/labels';
import { LabelRows } from './label-rows.ts';

/** Options of {@link dropLabels}. */
export interface DropLabelsOptions {
  /** Seed of NumPy's generator, a whole number below 2³²; default 0, as for all published partial labels. */
  readonly seed?: number;
}

/**
 * Makes labels unknown at random: each label is kept with probability `proportion`, whether present or absent.
 *
 * Entry (i, c) is kept if u[i·C + c] < proportion, where u comes from NumPy's `RandomState(seed).random_sample`. With
 * one seed, the labels kept at a smaller proportion are also kept at a larger one. Labels that were unknown stay
 * unknown.
 *
 * Source: Pu et al. (SARB, AAAI 2022) and the works that it compares with. With seed 0 and the images in the published
 * order, the result equals the authors' nine VOC 2007 label files bit for bit.
 *
 * Cost: N·C random numbers, and memory for the kept labels.
 *
 * @param proportion in [0, 1]; 1 keeps everything
 * @returns a copy; a dropped label is in neither list of its row
 * @throws OptionError on a proportion or seed out of range; DataError on dense labels other than 0 and 1
 */
export function dropLabels(
  given: Labels | SparseLabels,
  proportion: number,
  options: DropLabelsOptions = {},
): SparseLabels {
  checkOptionNames('dropLabels', options, ['seed']);
  const labels = labelRows('dropLabels', given);
  checkNumber('dropLabels', 'proportion', proportion, { min: 0, max: 1 });
  const { seed = 0 } = options;
  checkCount('dropLabels', 'options.seed', seed, { min: 0, max: 2 ** 32 - 1 });
  const random = new MersenneTwister(seed);
  const kept = new LabelRows(labels.columns);
  const isKept = new Uint8Array(labels.columns);
  for (let index = 0; index < labels.rows; index++) {
    // A number is drawn for every class, known or not, so the mask of an image depends only on its position.
    for (let c = 0; c < isKept.length; c++) isKept[c] = random.uniform() < proportion ? 1 : 0;
    kept.push(keptOf(labels.row(index), isKept));
  }
  return kept.labels();
}

/** The kept part of a row. If everything is kept, `rest` stays `rest`. */
function keptOf({ present, absent }: LabelRow, isKept: Uint8Array): LabelRow {
  const stays = (c: number): boolean => isKept[c] === 1;
  if (absent !== 'rest') return { present: present.filter(stays), absent: absent.filter(stays) };
  const rest: number[] = [];
  let next = 0;
  for (let c = 0; c < isKept.length; c++) {
    if (c === present[next]) next++;
    else if (isKept[c] === 1) rest.push(c);
  }
  const positives = present.filter(stays);
  const isWhole = positives.length + rest.length === isKept.length;
  return { present: positives, absent: isWhole ? 'rest' : Int32Array.from(rest) };
}

/**
 * Single positive labels: of each image one present class, drawn uniformly, stays known, and nothing else. An image
 * without known present classes becomes completely unknown.
 *
 * @throws DataError on dense labels other than 0 and 1
 * Source: Cole et al. (CVPR 2021).
 */
export function keepSinglePositive(given: Labels | SparseLabels, random: RandomStream): SparseLabels {
  const labels = labelRows('keepSinglePositive', given);
  const kept = new LabelRows(labels.columns);
  for (let index = 0; index < labels.rows; index++) {
    const { present } = labels.row(index);
    kept.push({ present: present.length > 0 ? [present[random.integer(present.length)]] : [], absent: [] });
  }
  return kept.labels();
}
