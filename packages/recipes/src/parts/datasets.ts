import { type DataSet, digitsLtSet, digitsLtSingleSet, digitsMlSet, dropLabels, shareOfDataSet } from '@ltml/data';
import { RandomStreams } from '@ltml/tensor';
import * as z from 'zod';
import { type DataFiles, fileDataSets } from './file-data-sets.ts';
import { type Part, type PartKind, part, partKind } from './part.ts';
import { publishedDataSets } from './published-data-sets.ts';

/** Training images that are held out to compare epochs by. */
export interface ValidationConfig {
  /** Of the training images, in (0, 1). */
  readonly share: number;
  readonly seed: number;
}

/** Null: nothing is held out. */
const validation = z
  .strictObject({ share: z.number().gt(0).lt(1).default(0.15), seed: z.int().nonnegative().default(0) })
  .nullable()
  .prefault({});

/** Share of the training labels that are known, and the seed of what is forgotten (see `dropLabels`); null: that of the run. */
const knownLabels = z.strictObject({
  proportion: z.number().min(0).max(1),
  seed: z.int().nonnegative().nullable().default(null),
});

/** Data sets that the package carries. */
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
      testScenes: z.int().positive().max(10_000).default(10_000).describe('The first of the test scenes'),
      validation,
    },
    ({ seed, testScenes }): Promise<DataSet> => digitsLtSingleSet({ seed, testScenes }),
  ),
  'digits-ml': part(
    {
      seed: z.int().nonnegative().default(1),
      trainScenes: z.int().positive().max(5000).default(5000).describe('The first of the training scenes'),
      testScenes: z.int().positive().max(5000).default(5000).describe('The first of the test scenes'),
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

/** Data sets by name: those that the package carries, and those in files. */
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

/** A part of which a share of the images may be taken. */
function withShare(set: FileDataSet): FileDataSet {
  const share = z.number().gt(0).max(1).optional();
  return {
    options: {
      ...set.options,
      share: share.describe('Of the images of each split and of each class, for a rehearsal'),
    },
    async create({ share: taken, ...options }, dataFiles) {
      const dataSet = await set.create(options, dataFiles);
      if (taken === undefined) return dataSet;
      return shareOfDataSet(dataSet, taken as number, new RandomStreams(0).stream('share'));
    },
  };
}

/** A part of whose training labels some may be forgotten. */
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

/** A part that says, besides its options, what is held out where it has no validation images of its own. */
function withValidation(files: FileDataSet): FileDataSet {
  return {
    options: { ...files.options, validation },
    create({ validation: _, ...options }, dataFiles) {
      return files.create(options, dataFiles);
    },
  };
}
