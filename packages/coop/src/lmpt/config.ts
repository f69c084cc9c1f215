import { type TrainingConfig, trainingShape } from '@ltml/tensor/config';
import * as z from 'zod';

/** Configuration of LMPT and of its training. */
export interface LmptConfig extends TrainingConfig {
  /** Number of learned vectors in a context. Default 16. */
  readonly contextLength: number;
  /**
   * A phrase of `contextLength` tokens that initialises one context for all classes. Null: each class has its own
   * context, which starts from random vectors.
   */
  readonly contextStart: string | null;
  /** Position of the name in the prompt; see {@link NamePosition}. */
  readonly namePosition: 'end' | 'front' | 'middle';
  /** How many tokens of a name move to this position: the `first`, as in the authors' code, or `all`. */
  readonly nameLength: 'all' | 'first';
  /** Factor of the cosines, CLIP's inverse temperature. 100 for OpenAI's weights. */
  readonly logitScale: number;
  /** λ, weight of the classification loss, in [0, 1]. The caption loss has the weight 1 − λ. */
  readonly lambda: number;
  /** See {@link CaptionLossOptions}. */
  readonly captions: {
    readonly reading: 'paper' | 'code';
    readonly shift: number;
    readonly margin: number;
    readonly gamma: number;
    readonly classAware: boolean;
  };
  /** The Distribution-Balanced focal loss: λ and μ for the data set, and the scope of the focal factor. */
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

/** Schema of {@link LmptConfig}. The defaults are the preset `coco-lt`. */
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
 * The published settings, for CLIP's ViT-B/16 and batches of 64, with a constant learning rate. The authors divide it
 * by 10 when the mAP on the test images stops rising, and choose the best epoch on the test images.
 *
 * Source: Xia et al. (LMPT), ALVR 2024, and their code; its mAP: VOC-LT 87.88, COCO-LT 66.19.
 */
export const lmptPresets: Readonly<Record<'coco-lt' | 'voc-lt', LmptConfig>> = {
  'coco-lt': lmptConfigSchema.parse({}),
  'voc-lt': lmptConfigSchema.parse({ loss: { negativeScale: 5, mu: 0.3 } }),
};
