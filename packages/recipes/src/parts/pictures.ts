import {
  type ChannelStatistics,
  clipStatistics,
  cprflPipelines,
  distributionBalancedPipelines,
  dsclPipelines,
  halfStatistics,
  imagenetStatistics,
  mktPipelines,
  type PicturePipelines,
  type Pipeline,
  type Size,
  type Step,
  sarbPipelines,
  unitStatistics,
} from '@ltml/images';
import { z } from 'zod';
import { type PartKind, part, partKind } from './part.ts';

/** What the pipelines of a recipe may go by: the pictures of the data set, and what the encoder was trained with. */
export interface PictureContext {
  /** That all pictures have; null where they differ. */
  readonly size: Size | null;
  readonly statistics: ChannelStatistics;
}

/** The side of square inputs where neither the recipe nor the pictures say a size. */
const defaultSize = 64;

const fraction = z.number().min(0).max(1);

/** Random changes of training pictures, in this order; defaults of `cutout` and `randAugment` are those of CPRFL's code. */
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
  /** In 0 … 255. */
  brightness: z.number().nonnegative().max(255).default(20),
  contrast: z.number().min(0).lt(1).default(0.2),
};

/** By which levels pictures are normalised; `encoder` is what it was trained with. */
const normalizations = ['encoder', 'imagenet', 'clip', 'half', 'none'] as const;

/** Pipelines of training and test pictures by name: the recipe's own steps, or those of a paper at any size. */
export const pictures: PartKind<PictureContext, PicturePipelines> = partKind({
  own: part(
    {
      /** Side of the square that pictures are resized to; null: the size that they all have, or 64 where they differ. */
      size: z.int().positive().max(4096).nullable().default(null),
      ...changes,
      normalization: z.enum(normalizations).default('encoder'),
    },
    ({ size, normalization, ...options }, { size: ofAll, statistics }: PictureContext): PicturePipelines => {
      const choices: Readonly<Record<(typeof normalizations)[number], ChannelStatistics>> = {
        encoder: statistics,
        imagenet: imagenetStatistics,
        clip: clipStatistics,
        half: halfStatistics,
        none: unitStatistics,
      };
      const toInput: Step = { name: 'normalize', ...choices[normalization] };
      const square = size ?? defaultSize;
      const { height, width } = (size === null && ofAll) || { height: square, width: square };
      const resize: Step = { name: 'resize', height, width, filter: 'bilinear' };
      // Training pictures that have the size already are not touched.
      const isOneSize = ofAll?.height === height && ofAll.width === width;
      return {
        train: [...(isOneSize ? [] : [resize]), ...changesBy(options), toInput],
        test: [resize, toInput],
      };
    },
  ),
  cprfl: published(cprflPipelines, 448),
  sarb: published(sarbPipelines, 448),
  mkt: published(mktPipelines, 224),
  'distribution-balanced': published(distributionBalancedPipelines, 224),
  dscl: published(dsclPipelines, 224),
});

/** @param ofPaper the size that pictures have in the paper */
function published(pipelines: (size: number) => PicturePipelines, ofPaper: number) {
  return part({ size: z.int().positive().max(4096).default(ofPaper) }, ({ size }, _: PictureContext) =>
    pipelines(size),
  );
}

function changesBy(options: z.infer<z.ZodObject<typeof changes>>): Pipeline {
  const { flip, shift, brightness, contrast } = options;
  return [
    ...(flip ? [{ name: 'horizontalFlip' } as const] : []),
    { name: 'padAndShift', padding: shift },
    ...(options.cutout ? [{ name: 'cutout', ...options.cutout } as const] : []),
    ...(options.randAugment ? [{ name: 'randAugment', ...options.randAugment } as const] : []),
    { name: 'jitter', brightness, contrast },
  ];
}
