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

/** What the pipelines of a recipe may go by: the pictures of the data set, and what the encoder was trained with. */
export interface PictureContext {
  /** That all pictures have; null where they differ. */
  readonly size: Size | null;
  readonly statistics: ChannelStatistics;
  /** How the encoder's weights were trained to see pictures. */
  readonly preprocessing: Preprocessing;
  /** That the encoder takes alone; null: it takes any. */
  readonly imageSize: Size | null;
  /** Where neither recipe, pictures nor encoder say a size. */
  readonly usualSize: Size;
}

const fraction = z.number().min(0).max(1);

const level = z.number().min(0).max(255);

/** Two numbers above 0, of which none is above `max`, in order. */
function range(max: number) {
  const end = z.number().positive().max(max);
  return z.tuple([end, end]).refine(([low, high]) => low <= high, 'should be two numbers, low ≤ high');
}

/**
 * Random changes of training pictures, in this order; defaults of `cutout` and `randAugment` are those of CPRFL's code, others
 * of their papers.
 */
const changes = {
  flip: z.boolean().default(false),
  /** Pixels. */
  shift: z.int().nonnegative().max(4096).default(4),
  /** A box of one colour, its sides by those of the picture. */
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
  /** In 0 … 255. */
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

/** A step by its name with its options; `resolvePipeline` checks them. */
const steps = z.array(z.looseObject({ name: z.enum(stepNames) }));

const boxes = z.strictObject({
  scale: z.tuple([fraction, fraction]),
  ratio: z.tuple([z.number().positive(), z.number().positive()]).optional(),
});

/** Of the patches that a method sees, shares of the query view's area. */
const patches = boxes.optional();

const viewSteps = z.strictObject({
  boxes,
  query: steps,
  key: steps,
});

/** Pipelines of training and test pictures by name: the recipe's own steps, or those of the encoder or of a paper at any size. */
export const pictures: PartKind<PictureContext, Promise<PicturePipelines>> = partKind({
  own: part(
    {
      /** Pixels that pictures are resized to, or [height, width]; null: the encoder's size, else that of all pictures. */
      size: imageSizeSchema.nullable().default(null),
      ...changes,
      normalization: z.enum(normalizations).default('encoder'),
    },
    async ({ size, normalization, ...options }, context: PictureContext): Promise<PicturePipelines> => {
      const { size: ofAll, statistics, imageSize, usualSize } = context;
      const toInput: Step = { name: 'normalize', ...levelsOf(normalization, statistics) };
      const { height, width } = size === null ? (imageSize ?? ofAll ?? usualSize) : sizeOf(size);
      const resize: Step = { name: 'resize', height, width, filter: 'bilinear' };
      // Training pictures that have the size already are not touched.
      const isOneSize = ofAll?.height === height && ofAll.width === width;
      return {
        train: [...(isOneSize ? [] : [resize]), ...changesBy(options), toInput],
        test: [resize, toInput],
      };
    },
  ),
  encoder: part(
    {
      /** Pixels that are left of a picture, or [height, width]; null: the encoder's size. */
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
      /** Default: those of training, without what they draw at random. */
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

/** @throws EntryError for options that a step has not */
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

/** Those of the paper of a method or of a loss; without `size` as large as there. */
function published(name: string) {
  return part(
    { size: z.int().positive().max(4096).optional(), patches },
    async ({ size, patches: patchBoxes }, _: PictureContext): Promise<PicturePipelines> => {
      // A recipe that is resolved names what has some.
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
