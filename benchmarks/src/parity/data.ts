import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  ClassAwareSampler,
  ClassBalancedSampler,
  createLongTailed,
  decodeLabels,
  denseLabels,
  dropLabels,
  encodeLabels,
  imageProbability,
  indexByClass,
  iterativeStratification,
  labelsFromLists,
  paretoReference,
  type ShuffleSource,
  unknownIsZero,
} from '@ltml/data';
import { RandomStream } from '@ltml/tensor';
import { classStatistics, frequencyGroups, type Labels } from '@ltml/tensor/labels';
import {
  MissingFile,
  type ParityAdapter,
  type ParityAdapters,
  type ParityInputs,
} from '../../../packages/tensor/parity/adapter.ts';
import { unpackVoc2007 } from '../../../packages/tensor/parity/packed-labels.ts';

const createSubset: ParityAdapter = (inputs) => {
  const { params } = inputs;
  const pool = pooledLabels(inputs);
  const images = createLongTailed(pool, {
    reference: storedReference(params, pool.columns),
    random: shuffled(params.seed as number),
    clampToAvailable: params.clamp_to_available as boolean,
  });
  const { classCounts } = classStatistics(rowsOf(pool, images));
  const { head, medium, tail } = frequencyGroups(classCounts);
  return {
    selected_images_sorted: images,
    class_freq: classCounts,
    split_head: head,
    split_middle: medium,
    split_tail: tail,
  };
};

export const dataAdapters: ParityAdapters = {
  ClassAwareSampler: (inputs) => {
    const { params } = inputs;
    const labels = sparseLabels(inputs);
    const sampler = new ClassAwareSampler({
      indexByClass: indexByClass(labels),
      random: params.shuffle === 'identity (no shuffling)' ? unshuffled : shuffled(params.seed as number),
      numSamplesPerClass: params.num_samples_cls as number,
      reduce: params.reduce as number,
    });
    const epochs = Array.from({ length: params.epochs as number }, (_, i) => [`epoch${i}`, sampler.nextEpoch()]);
    return {
      ...Object.fromEntries(epochs),
      epoch_length: sampler.epochLength,
      expected_image_probability: imageProbability(labels),
    };
  },

  pareto_dist: ({ params }) => ({ reference_counts: storedReference(params, params.num_classes as number) }),

  create_coco_longtail: createSubset,
  create_voc_longtail: createSubset,

  dropLabels: (inputs) => {
    const seed = inputs.params.seed as number;
    if (inputs.has('packed')) return { partial: publishedPartialLabels(unpackVoc2007(inputs), inputs, seed) };
    const labels = decodeLabels(inputs.numbers('labels'), inputs.host('labels').shape[1], unknownIsZero);
    const proportions = inputs.params.proportions as number[];
    return Object.fromEntries(
      proportions.map((proportion) => [
        `partial_${Math.round(100 * proportion)}`,
        encodeLabels(dropLabels(labels, proportion, { seed }), unknownIsZero),
      ]),
    );
  },

  iterativeStratification: (inputs) => {
    const { ratios, selection, order, tie_break, seed } = inputs.params as {
      readonly ratios: readonly number[];
      readonly selection: 'rarest' | 'insertion';
      readonly order: number;
      readonly tie_break: string;
      readonly seed: number;
    };
    const [starts, classes] = [inputs.numbers('label_row_ptr'), inputs.numbers('label_col_idx')];
    const [images, columns] = inputs.numbers('num_images_classes');
    const lists = Array.from({ length: images }, (_, i) => classes.slice(starts[i], starts[i + 1]));
    const random = tie_break === 'mulberry32' ? { random: { uniform: mulberry32(seed) } } : {};
    const folds = iterativeStratification(lists, columns, { ratios, selection, order, ...random });
    const labelCounts = ratios.map(() => new Array<number>(columns).fill(0));
    for (const [image, fold] of folds.entries()) for (const c of lists[image]) labelCounts[fold][c]++;
    return {
      fold_of_image: folds,
      fold_sizes: ratios.map((_, fold) => folds.filter((other) => other === fold).length),
      fold_label_counts: labelCounts,
    };
  },

  classBalancedSampler: (inputs) => {
    const { num_draws: draws, epoch_length: epochLength } = inputs.params as Record<string, number>;
    const classCounts = inputs.numbers('class_counts');
    const classes = inputs.numbers('labels');
    const labels = labelsFromLists(
      classes.map((c) => [c]),
      classCounts.length,
    );
    const sampler = new ClassBalancedSampler({
      indexByClass: indexByClass(labels),
      random: new RandomStream(0),
      epochLength,
    });
    const drawn = { class: new Array(classCounts.length).fill(0), sample: new Array(classes.length).fill(0) };
    for (let epoch = 0; epoch < draws / epochLength; epoch++) {
      for (const image of sampler.nextEpoch()) {
        drawn.class[classes[image]]++;
        drawn.sample[image]++;
      }
    }
    const share = 1 / classCounts.filter((count) => count > 0).length;
    const { head, medium, tail } = frequencyGroups(classCounts, { headFrom: 101 });
    return {
      class_probability: classCounts.map((count) => (count > 0 ? share : 0)),
      sample_probability: imageProbability(labels),
      expected_class_count: classCounts.map((count) => (count > 0 ? draws * share : 0)),
      std_class_count: classCounts.map((count) => (count > 0 ? Math.sqrt(draws * share * (1 - share)) : 0)),
      drawn_class_count: drawn.class,
      drawn_sample_count: drawn.sample,
      shot_group: classCounts.map((_, c) => [head, medium, tail].findIndex((group) => group.includes(c))),
    };
  },
};

const unshuffled: ShuffleSource = { shuffle: () => {}, integer: () => 0, state: null };

/** The random generator of the stored sequences, as described in their `params.shuffle`. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

function shuffled(seed: number): ShuffleSource {
  const uniform = mulberry32(seed);
  return {
    shuffle(items) {
      for (let i = items.length - 1; i > 0; i--) {
        const j = Math.floor(uniform() * (i + 1));
        [items[i], items[j]] = [items[j], items[i]];
      }
    },
    integer: (below) => Math.floor(uniform() * below),
    state: null,
  };
}

function storedReference(params: Readonly<Record<string, unknown>>, classes: number): Int32Array {
  const { max, min, b, tail } = params as Record<string, number>;
  return paretoReference(classes, { max, min, power: b, covered: tail });
}

/** Labels stored as lists of the positive classes of each image, one after another. */
function sparseLabels(inputs: ParityInputs): Labels {
  const starts = inputs.numbers('label_row_ptr');
  const classes = inputs.numbers('label_col_idx');
  const [images, columns] = inputs.numbers('num_images_classes');
  return labelsFromLists(
    Array.from({ length: images }, (_, i) => classes.slice(starts[i], starts[i + 1])),
    columns,
  );
}

/** Labels of a pool, stored with the case or in a file of the published subset beside the fixtures, if it is there. */
function pooledLabels(inputs: ParityInputs): Labels {
  if (inputs.has('label_row_ptr')) return sparseLabels(inputs);
  const path = join(inputs.folder, '../../data/voc-mlt.json');
  if (!existsSync(path)) throw new MissingFile(`needs ${String(inputs.params.labels_from)}`);
  const { pool } = JSON.parse(readFileSync(path, 'utf8')) as { pool: { labels: number[][] } };
  return labelsFromLists(pool.labels, inputs.numbers('num_images_classes')[1]);
}

function rowsOf({ columns, present }: Labels, images: Int32Array): Labels {
  const rows = Array.from(images, (image) => Array.from(present.subarray(image * columns, (image + 1) * columns)));
  return { rows: rows.length, columns, present: Uint8Array.from(rows.flat()) };
}

function publishedPartialLabels(labels: Labels, inputs: ParityInputs, seed: number) {
  const stored = inputs.json('partial') as readonly { readonly proportion: number }[];
  return stored.map(({ proportion }) => summarise(denseLabels(dropLabels(labels, proportion, { seed })), proportion));
}

function summarise(labels: Labels, proportion: number) {
  const values = encodeLabels(labels, unknownIsZero);
  const count = (value: number): number => values.reduce((sum, entry) => sum + Number(entry === value), 0);
  const imagesWithout = (value: number): number =>
    Array.from({ length: labels.rows }, (_, i) => values.subarray(i * labels.columns, (i + 1) * labels.columns)).filter(
      (row) => !row.includes(value),
    ).length;
  return {
    proportion,
    positives: count(1),
    negatives: count(-1),
    unknown: count(0),
    positives_per_class: [...classStatistics(labels, { unknown: 'negative' }).classCounts],
    images_without_known: imagesWithoutKnown(values, labels),
    images_without_unknown: imagesWithout(0),
    images_without_positive: imagesWithout(1),
    sha256_int8_row_major: createHash('sha256').update(values).digest('hex'),
  };
}

function imagesWithoutKnown(values: Int8Array, { rows, columns }: Labels): number {
  const row = (i: number): Int8Array => values.subarray(i * columns, (i + 1) * columns);
  return Array.from({ length: rows }, (_, i) => row(i)).filter((each) => each.every((value) => value === 0)).length;
}
