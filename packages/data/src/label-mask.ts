import { checkCount, checkNumber, checkOptionNames, MersenneTwister, type RandomStream } from '@ltml/tensor';
import { type LabelRow, type Labels, labelRows, type SparseLabels } from '@ltml/tensor/labels';
import { LabelRows } from './label-rows.ts';

export interface DropLabelsOptions {
  /** Seed of NumPy's generator, a whole number below 2³²; default 0, which all published partial labels have. */
  readonly seed?: number;
}

/**
 * Forgets labels at random: each label is kept with probability `proportion`, present and absent alike.
 *
 * Entry (i, c) is kept where u[i·C + c] < proportion, with u from NumPy's `RandomState(seed).random_sample`. With one seed
 * the labels of a smaller proportion are among those of a larger one. What was not known before stays unknown.
 *
 * Source: Pu et al. (SARB, AAAI 2022) and the works it compares with; with seed 0 and the images in the published order
 * the nine VOC 2007 label files of the authors come out bit by bit.
 *
 * @param proportion in [0, 1]; 1 keeps everything
 * Cost: N·C draws, and memory for what is kept.
 *
 * @returns a copy; what is forgotten is in neither list of a row
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
    // Drawn for every class, known or not: the mask of an image depends on its place alone.
    for (let c = 0; c < isKept.length; c++) isKept[c] = random.uniform() < proportion ? 1 : 0;
    kept.push(keptOf(labels.row(index), isKept));
  }
  return kept.labels();
}

/** What of a row is kept; all of it is still known to be all. */
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
 * Single positive labels: of each image one present class is known, drawn uniformly, and nothing else. An image without
 * known present classes becomes unknown throughout.
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
