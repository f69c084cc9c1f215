import { checkCount, checkNumber, checkOptionNames, MersenneTwister, type RandomStream } from '@ltml/tensor';
import { checkLabels, type Labels } from '@ltml/tensor/labels';

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
 * @returns the same `present`, and a `known` of its own
 */
export function dropLabels(labels: Labels, proportion: number, options: DropLabelsOptions = {}): Labels {
  checkOptionNames('dropLabels', options, ['seed']);
  checkLabels('dropLabels', labels);
  checkNumber('dropLabels', 'proportion', proportion, { min: 0, max: 1 });
  const { seed = 0 } = options;
  checkCount('dropLabels', 'options.seed', seed, { min: 0, max: 2 ** 32 - 1 });
  const random = new MersenneTwister(seed);
  const known = Uint8Array.from(labels.present, (_, at) => {
    // Drawn for every entry, known or not: the mask of an image depends on its place alone.
    const kept = random.uniform() < proportion ? 1 : 0;
    return kept & (labels.known?.[at] ?? 1);
  });
  return { ...labels, known };
}

/**
 * Single positive labels: of each image one present class is known, drawn uniformly, and nothing else. An image without
 * known present classes becomes unknown throughout.
 *
 * Source: Cole et al. (CVPR 2021).
 */
export function keepSinglePositive(labels: Labels, random: RandomStream): Labels {
  checkLabels('keepSinglePositive', labels);
  const { rows, columns, present } = labels;
  const known = new Uint8Array(present.length);
  for (let row = 0; row < rows; row++) {
    const positives: number[] = [];
    for (let at = row * columns; at < (row + 1) * columns; at++) {
      if (present[at] === 1 && (labels.known?.[at] ?? 1) === 1) positives.push(at);
    }
    if (positives.length > 0) known[positives[random.integer(positives.length)]] = 1;
  }
  return { ...labels, known };
}
