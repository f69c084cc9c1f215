import { type TrainingConfig, trainingShape } from '@ltml/tensor/config';
import * as z from 'zod';

/** Configuration of DualCoOp, PositiveCoOp or NegativeCoOp, and of its training. */
export interface CoopConfig extends TrainingConfig {
  /**
   * Which embeddings of a class come from prompts: those of presence and absence (`both`: DualCoOp), of presence only
   * (`positive`: PositiveCoOp), or of absence only (`negative`: NegativeCoOp). The other one is a learned vector.
   */
  readonly prompts: 'both' | 'positive' | 'negative';
  /** Number of learned vectors in the context of each prompt. */
  readonly contextLength: { readonly positive: number; readonly negative: number };
  /** Whether each class has its own context. */
  readonly perClass: boolean;
  /** Phrases that initialise the contexts. Each has `contextLength` tokens. Null (default): random vectors. */
  readonly contextStart: { readonly positive: string; readonly negative: string } | null;
  /** With one prompt: adds a learned vector to its embedding, as in the authors' code of PositiveCoOp. Default true. */
  readonly extraEmbedding: boolean;
  /** See {@link PoolPlacesOptions}. */
  readonly cosineScale: number;
  /** See {@link PoolPlacesOptions}. Default 5. */
  readonly outputScale: number;
  /** See {@link PresenceLossOptions}. */
  readonly loss: PresenceLossConfig;
  /** Multiplies the learning rate of contexts. Default 1. */
  readonly contextRateFactor: number;
  /** Number of classes that each step draws and trains. Set it for hundreds of classes. Null (default): all. */
  readonly classesAtOnce: number | null;
}

/** Configuration of the loss; see {@link PresenceLossOptions}. */
export interface PresenceLossConfig {
  readonly gammaPositive: number;
  readonly gammaNegative: number;
  readonly clip: number;
  readonly weight: number;
}

/** Schema of the options of `presenceLoss`. The defaults are the published values. */
export const presenceLossSchema: z.ZodType<PresenceLossConfig> = z
  .strictObject({
    gammaPositive: z.number().nonnegative().default(1),
    gammaNegative: z.number().nonnegative().default(2),
    clip: z.number().min(0).lt(1).default(0.05),
    weight: z.number().positive().default(0.03),
  })
  .prefault({}) as unknown as z.ZodType<PresenceLossConfig>;

const length = z.int().positive().max(1000).default(16);
const scale = z.number().positive();

/** Schema of {@link CoopConfig}. The defaults are the preset `dualcoop-coco`. */
export const coopConfigSchema: z.ZodType<CoopConfig> = z.strictObject({
  prompts: z.enum(['both', 'positive', 'negative']).default('both'),
  contextLength: z.strictObject({ positive: length, negative: length }).prefault({}),
  perClass: z.boolean().default(false),
  contextStart: z
    .strictObject({ positive: z.string().min(1), negative: z.string().min(1) })
    .nullable()
    .default(null),
  extraEmbedding: z.boolean().default(true),
  cosineScale: scale.default(20),
  outputScale: scale.default(5),
  loss: presenceLossSchema,
  contextRateFactor: scale.default(1),
  classesAtOnce: z.int().positive().nullable().default(null),
  ...trainingShape({
    epochs: 50,
    optimizer: { name: 'sgd', learningRate: 2e-3, weightDecay: 5e-4 },
    // The authors' cosine is planned for 50 epochs and starts after the warm-up epoch, so it does not reach 0.
    schedule: { name: 'cosine', by: 'epoch', epochs: 50, warmup: { epochs: 1, learningRate: 1e-5 } },
  }),
});

/** Settings of PositiveCoOp and NegativeCoOp, from the example of their code. */
const oneLearned = {
  optimizer: { learningRate: 0.5, weightDecay: 0 },
  schedule: { warmup: { epochs: 1, learningRate: 5e-3 } },
  contextRateFactor: 0.01,
};

type PresetName = 'dualcoop-coco' | 'dualcoop-voc' | 'dualcoop-nus-zero-shot' | 'positivecoop-voc' | 'negativecoop-voc';

/**
 * The published settings, for CLIP's RN101 with images of 448 × 448 and batches of 32. The authors choose the best
 * epoch on the test images.
 *
 * Sources: Sun et al. (DualCoOp), NeurIPS 2022; Rawlekar et al. (PositiveCoOp, NegativeCoOp), WACV 2025; and their
 * code.
 */
export const coopPresets: Readonly<Record<PresetName, CoopConfig>> = {
  'dualcoop-coco': coopConfigSchema.parse({}),
  'dualcoop-voc': coopConfigSchema.parse({ optimizer: { learningRate: 1e-3 } }),
  /** For CLIP's RN50 with images of 224 × 224. */
  'dualcoop-nus-zero-shot': coopConfigSchema.parse({
    contextLength: { positive: 64, negative: 64 },
    loss: { weight: 0.01 },
    optimizer: { learningRate: 1e-3 },
    classesAtOnce: 100,
  }),
  'positivecoop-voc': coopConfigSchema.parse({ prompts: 'positive', ...oneLearned }),
  'negativecoop-voc': coopConfigSchema.parse({ prompts: 'negative', ...oneLearned }),
};
