import { type TrainingConfig, trainingShape } from '@ltml/tensor/config';
import * as z from 'zod';

/** LMPT and how it is trained. */
export interface LmptConfig extends TrainingConfig {
  /** Vectors of each class's context. */
  readonly contextLength: number;
  /** A phrase of so many tokens that one context for all classes begins with; null: one for each class, of random numbers. */
  readonly contextStart: string | null;
  readonly namePosition: 'end' | 'front' | 'middle';
  /** Tokens of a name that move with it: `first`, as in the authors' code, or `all`. */
  readonly nameLength: 'all' | 'first';
  /** Multiplies cosines: CLIP's temperature, which is 100 of OpenAI's weights. */
  readonly logitScale: number;
  /** λ, the share of the classification loss; what is left is that of the captions. */
  readonly lambda: number;
  /** See {@link CaptionLossOptions}. */
  readonly captions: {
    readonly reading: 'paper' | 'code';
    readonly shift: number;
    readonly margin: number;
    readonly gamma: number;
    readonly classAware: boolean;
  };
  /** Of the Distribution-Balanced focal loss: λ and μ of its data set, and the focal factor's scope. */
  readonly loss: {
    readonly negativeScale: number;
    readonly mu: number;
    readonly focal: 'batch' | 'element';
  };
}

const captions = z
  .strictObject({
    reading: z.enum(['paper', 'code']).default('paper'),
    shift: z.int().nonnegative().default(2),
    margin: z.number().nonnegative().default(0.2),
    gamma: z.number().nonnegative().default(2),
    classAware: z.boolean().default(true),
  })
  .prefault({});

const loss = z
  .strictObject({
    negativeScale: z.number().positive().default(2),
    mu: z.number().default(0.2),
    focal: z.enum(['batch', 'element']).default('batch'),
  })
  .prefault({});

/** Defaults are those of the preset `coco-lt`. */
export const lmptConfigSchema: z.ZodType<LmptConfig> = z.strictObject({
  contextLength: z.int().positive().max(1000).default(16),
  contextStart: z.string().min(1).nullable().default(null),
  namePosition: z.enum(['end', 'front', 'middle']).default('end'),
  nameLength: z.enum(['all', 'first']).default('first'),
  logitScale: z.number().positive().default(100),
  lambda: z.number().min(0).max(1).default(0.5),
  captions,
  loss,
  ...trainingShape({
    epochs: 50,
    optimizer: { name: 'sgd', learningRate: 5e-4, weightDecay: 1e-4 },
    schedule: { name: 'constant' },
  }),
});

/**
 * The published settings, on CLIP's ViT-B/16, batches of 64. The authors divide the rate by 10 when the mAP of the test images
 * does not rise, and choose the best epoch on them; here the rate stays.
 *
 * Source: Xia et al. (LMPT), ALVR 2024, and their code; its mAP: VOC-LT 87.88, COCO-LT 66.19.
 */
export const lmptPresets: Readonly<Record<'coco-lt' | 'voc-lt', LmptConfig>> = {
  'coco-lt': lmptConfigSchema.parse({}),
  'voc-lt': lmptConfigSchema.parse({ loss: { negativeScale: 5, mu: 0.3 } }),
};
