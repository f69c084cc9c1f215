import { type Preprocessing, preprocessingSteps } from '@ltml/backbone';
import {
  type ChannelStatistics,
  type PicturePipelines,
  type Pipeline,
  resolvePipeline,
  type Size,
  type Step,
  stepNames,
  unitStatistics,
} from '@ltml/images';
import { LtmlError } from '@ltml/tensor';
import type { PublishedPictures } from '@ltml/tensor/contract';
import * as z from 'zod';
import { EntryError } from '../usage-error.ts';
import { imageSizeSchema, sizeOf } from './image-size.ts';
import { levelsOf, normalizations } from './normalization.ts';
import { type PartKind, part, partKind } from './part.ts';
import { publishedNames, publishedPictures, publishedPipelines } from './published-pictures.ts';

/** What the pipelines of a recipe may depend on: the pictures of the data set, and the encoder. */
export interface PictureContext {
  /** Size of all pictures; null if sizes differ. */
  readonly size: Size | null;
  readonly statistics: ChannelStatistics;
  /** How pictures were prepared when the encoder's weights were trained. */
  readonly preprocessing: Preprocessing;
  /** The only size that the encoder takes; null if it takes any. */
  readonly imageSize: Size | null;
  /** Size to use if neither recipe, pictures nor encoder give one. */
  readonly usualSize: Size;
}

const fraction = z.number().min(0).max(1);

const level = z.number().min(0).max(255);

/** Schema of two numbers above 0 and at most `max`, in order. */
function range(max: number) {
  const end = z.number().positive().max(max);
  return z.tuple([end, end]).refine(([low, high]) => low <= high, 'should be two numbers, low ≤ high');
}

/**
 * Random augmentations of training pictures, applied in this order. The defaults of `cutout` and `randAugment` are
 * those of CPRFL's code, the others those of their papers.
 */
const changes = {
  flip: z.boolean().default(false),
  /** Largest shift in pixels. */
  shift: z.int().nonnegative().max(4096).default(4),
  /** A box of one colour; `share` is the length of its sides relative to the picture's. */
  cutout: z
    .strictObject({ share: fraction.default(0.5) })
    .nullable()
    .default(null),
  randAugment: z
    .strictObject({ count: z.int().nonnegative().max(100).default(2), probability: fraction.default(0.5) })
    .nullable()
    .default(null),
  trivialAugment: z
    .strictObject({
      levels: z.int().min(2).max(1000).default(31),
      fill: z.tuple([level, level, level]).default([0, 0, 0]),
    })
    .nullable()
    .default(null),
  /** Largest change, on the scale 0 to 255. */
  brightness: z.number().nonnegative().max(255).default(20),
  contrast: z.number().min(0).lt(1).default(0.2),
  randomErasing: z
    .strictObject({
      probability: fraction.default(0.5),
      area: range(1).default([0.02, 0.4]),
      aspect: range(1000).default([0.3, 1 / 0.3]),
      fill: z.union([z.enum(['pixels', 'colour']), z.tuple([level, level, level])]).default('pixels'),
    })
    .nullable()
    .default(null),
};

/** Steps by name with their options. `resolvePipeline` checks the options. */
const steps = z.array(z.looseObject({ name: z.enum(stepNames) }));

const boxes = z.strictObject({
  scale: z.tuple([fraction, fraction]),
  ratio: z.tuple([z.number().positive(), z.number().positive()]).optional(),
});

/** Boxes of the patches that a method uses; `scale` is relative to the area of the query view. */
const patches = boxes.optional();

const viewSteps = z.strictObject({
  boxes,
  query: steps,
  key: steps,
});

/**
 * Pipelines of training and test pictures by name: own settings, steps one by one, the encoder's preparation, or a
 * paper's.
 */
export const pictures: PartKind<PictureContext, Promise<PicturePipelines>> = partKind({
  own: part(
    {
      /**
       * Size that pictures are resized to, in pixels or as [height, width]; null: the encoder's size, else that of all
       * pictures.
       */
      size: imageSizeSchema.nullable().default(null),
      ...changes,
      normalization: z.enum(normalizations).default('encoder'),
    },
    async ({ size, normalization, ...options }, context: PictureContext): Promise<PicturePipelines> => {
      const { size: ofAll, statistics, imageSize, usualSize } = context;
      const toInput: Step = { name: 'normalize', ...levelsOf(normalization, statistics) };
      const { height, width } = size === null ? (imageSize ?? ofAll ?? usualSize) : sizeOf(size);
      const resize: Step = { name: 'resize', height, width, filter: 'bilinear' };
      // Training pictures that already have the size are not resized.
      const isOneSize = ofAll?.height === height && ofAll.width === width;
      return {
        train: [...(isOneSize ? [] : [resize]), ...changesBy(options), toInput],
        test: [resize, toInput],
      };
    },
  ),
  encoder: part(
    {
      /** Size of the crop, in pixels or as [height, width]; null: the encoder's size. */
      size: imageSizeSchema.nullable().default(null),
      ...changes,
    },
    async ({ size, ...options }, context: PictureContext): Promise<PicturePipelines> => {
      const { statistics, preprocessing, imageSize, usualSize } = context;
      const { height, width } = size === null ? (imageSize ?? usualSize) : sizeOf(size);
      // The steps are those of `@ltml/images`.
      const test = preprocessingSteps({ ...preprocessing, statistics }, [height, width]) as Pipeline;
      return { train: [...test.slice(0, -1), ...changesBy(options), ...test.slice(-1)], test };
    },
  ),
  steps: part(
    {
      train: steps,
      /** Default: the training steps without random ones. */
      test: steps.optional(),
      views: viewSteps.optional(),
      patches,
      normalization: z.enum(normalizations).default('encoder'),
    },
    async (
      { train, test = train, views, patches: patchBoxes, normalization },
      { statistics }: PictureContext,
    ): Promise<PicturePipelines> => {
      const toInput: Step = { name: 'normalize', ...levelsOf(normalization, statistics) };
      return {
        train: [...stepsOf(train, 'train'), toInput],
        test: [...stepsOf(test, 'test'), toInput],
        ...(patchBoxes && { patchBoxes }),
        ...(views && {
          views: {
            boxes: views.boxes,
            query: stepsOf(views.query, 'views.query'),
            key: stepsOf(views.key, 'views.key'),
          },
        }),
      };
    },
  ),
  ...Object.fromEntries(publishedNames.map((name) => [name, published(name)])),
});

/** Checks steps. @throws EntryError for wrong options of a step */
function stepsOf(written: z.infer<typeof steps>, entry: string): Pipeline {
  const pipeline = written as unknown as Pipeline;
  try {
    resolvePipeline([...pipeline, { name: 'normalize', ...unitStatistics }]);
  } catch (error) {
    if (!LtmlError.is(error)) throw error;
    throw new EntryError(error.message, `pictures.${entry}`);
  }
  return pipeline;
}

/** Pipelines of the paper of a method or a loss; default size: the paper's. */
function published(name: string) {
  return part(
    { size: z.int().positive().max(4096).optional(), patches },
    async ({ size, patches: patchBoxes }, _: PictureContext): Promise<PicturePipelines> => {
      // A resolved recipe names only methods and losses that have pipelines.
      const pipelines = publishedPipelines((await publishedPictures(name)) as PublishedPictures, size);
      return { ...pipelines, ...(patchBoxes && { patchBoxes }) };
    },
  );
}

function changesBy(options: z.infer<z.ZodObject<typeof changes>>): Pipeline {
  const { flip, shift, brightness, contrast } = options;
  return [
    ...(flip ? [{ name: 'horizontalFlip' } as const] : []),
    { name: 'padAndShift', padding: shift },
    ...(options.cutout ? [{ name: 'cutout', ...options.cutout } as const] : []),
    ...(options.randAugment ? [{ name: 'randAugment', ...options.randAugment } as const] : []),
    ...(options.trivialAugment ? [{ name: 'trivialAugment', ...options.trivialAugment } as const] : []),
    { name: 'jitter', brightness, contrast },
    ...(options.randomErasing ? [{ name: 'randomErasing', ...options.randomErasing } as const] : []),
  ];
}
