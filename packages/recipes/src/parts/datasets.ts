import { type DataSet, digitsLtSet, digitsLtSingleSet, digitsMlSet, dropLabels, shareOfDataSet } from '@ltml/data';
import { RandomStreams } from '@ltml/tensor';
import * as z from 'zod';
import { type DataFiles, fileDataSets } from './file-data-sets.ts';
import { type Part, type PartKind, part, partKind } from './part.ts';
import { publishedDataSets } from './published-data-sets.ts';

/** Held-out training images, on which epochs are compared. */
export interface ValidationConfig {
  /** Share of the training images, in (0, 1). */
  readonly share: number;
  readonly seed: number;
}

/** Images to hold out; null: none. */
const validation = z
  .strictObject({ share: z.number().gt(0).lt(1).default(0.15), seed: z.int().nonnegative().default(0) })
  .nullable()
  .prefault({});

/**
 * Share of the training labels that stay known (see `dropLabels`), and the seed of the choice; null: the seed of the
 * run.
 */
const knownLabels = z.strictObject({
  proportion: z.number().min(0).max(1),
  seed: z.int().nonnegative().nullable().default(null),
});

/** Data sets in the package. */
const embedded: Readonly<Record<string, FileDataSet>> = {
  'digits-lt': part(
    {
      seed: z.int().nonnegative().default(1),
      unseenClasses: z.boolean().default(false),
      knownLabels: knownLabels.optional(),
      validation,
    },
    ({ seed, unseenClasses, knownLabels: known }): Promise<DataSet> =>
      digitsLtSet({
        seed,
        unseenClasses,
        ...(known && { knownLabels: { proportion: known.proportion, seed: known.seed ?? 0 } }),
      }),
  ),
  'digits-lt-single': part(
    {
      seed: z.int().nonnegative().default(1),
      testScenes: z.int().positive().max(10_000).default(10_000).describe('Number of test scenes'),
      validation,
    },
    ({ seed, testScenes }): Promise<DataSet> => digitsLtSingleSet({ seed, testScenes }),
  ),
  'digits-ml': part(
    {
      seed: z.int().nonnegative().default(1),
      trainScenes: z.int().positive().max(5000).default(5000).describe('Number of training scenes'),
      testScenes: z.int().positive().max(5000).default(5000).describe('Number of test scenes'),
      knownLabels: knownLabels.optional(),
      validation,
    },
    ({ seed, trainScenes, testScenes, knownLabels: known }): Promise<DataSet> =>
      digitsMlSet({
        seed,
        trainScenes,
        testScenes,
        ...(known && { knownLabels: { proportion: known.proportion, seed: known.seed ?? 0 } }),
      }),
  ),
};

/** Data sets by name: those in the package, and those in files. */
export const datasets: PartKind<DataFiles, Promise<DataSet>> = partKind(
  mapParts(
    {
      ...embedded,
      ...mapParts(fileDataSets, withValidation),
      ...mapParts(publishedDataSets, (set) => withKnownLabels(withValidation(set))),
    },
    withShare,
  ),
);

function mapParts(
  parts: Readonly<Record<string, FileDataSet>>,
  change: (part: FileDataSet) => FileDataSet,
): Readonly<Record<string, FileDataSet>> {
  return Object.fromEntries(Object.entries(parts).map(([name, own]) => [name, change(own)]));
}

type FileDataSet = Part<z.ZodRawShape, DataFiles, Promise<DataSet>>;

/** Adds the option `share`, which takes a share of the images. */
function withShare(set: FileDataSet): FileDataSet {
  const share = z.number().gt(0).max(1).optional();
  return {
    options: {
      ...set.options,
      share: share.describe('Share of the images of each split and class to use, for a rehearsal'),
    },
    async create({ share: taken, ...options }, dataFiles) {
      const dataSet = await set.create(options, dataFiles);
      if (taken === undefined) return dataSet;
      return shareOfDataSet(dataSet, taken as number, new RandomStreams(0).stream('share'));
    },
  };
}

/** Adds the option `knownLabels`, which makes a share of the training labels unknown. */
function withKnownLabels(set: FileDataSet): FileDataSet {
  return {
    options: { ...set.options, knownLabels: knownLabels.optional() },
    async create({ knownLabels: known, ...options }, dataFiles) {
      const dataSet = await set.create(options, dataFiles);
      if (!known) return dataSet;
      const { proportion, seed } = known as z.infer<typeof knownLabels>;
      const { train } = dataSet.splits;
      const labels = dropLabels(train.labels, proportion, { seed: seed ?? 0 });
      return { ...dataSet, splits: { ...dataSet.splits, train: { ...train, labels } } };
    },
  };
}

/** Adds the option `validation`: images to hold out if the data set has no validation images. `splitsOf` reads it. */
function withValidation(files: FileDataSet): FileDataSet {
  return {
    options: { ...files.options, validation },
    create({ validation: _, ...options }, dataFiles) {
      return files.create(options, dataFiles);
    },
  };
}
