import { type TrainingConfig, trainingShape } from '@ltml/tensor/config';
import * as z from 'zod';

/** DualCoOp, PositiveCoOp or NegativeCoOp, and how it is trained. */
export interface CoopConfig extends TrainingConfig {
  /**
   * Which of the two embeddings of a class is read from a prompt: both (DualCoOp), that of presence (PositiveCoOp) or that
   * of absence (NegativeCoOp). The other one is learned as it is.
   */
  readonly prompts: 'both' | 'positive' | 'negative';
  /** Vectors of the context, of each prompt. */
  readonly contextLength: { readonly positive: number; readonly negative: number };
  /** Whether each class has a context of its own. */
  readonly perClass: boolean;
  /** Phrases whose tokens the contexts begin with, as many as `contextLength` says; null: random numbers. */
  readonly contextStart: { readonly positive: string; readonly negative: string } | null;
  /** Whether a vector is learned that is added to what is read from the one prompt: authors' code of PositiveCoOp. */
  readonly extraEmbedding: boolean;
  /** See {@link PoolPlacesOptions}. */
  readonly cosineScale: number;
  readonly outputScale: number;
  /** See {@link PresenceLossOptions}. */
  readonly loss: PresenceLossConfig;
  /** What the learning rate of contexts is multiplied by. */
  readonly contextRateFactor: number;
  /** Classes that a step draws and trains on; null: all. For lists of hundreds. */
  readonly classesAtOnce: number | null;
}

/** Settings of DualCoOp's asymmetric loss. */
export interface PresenceLossConfig {
  readonly gammaPositive: number;
  readonly gammaNegative: number;
  readonly clip: number;
  readonly weight: number;
}

/** Options of `presenceLoss`, with the published values. */
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

/** Defaults are those of the preset `dualcoop-coco`. */
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
    // The authors' scheduler falls for all epochs after the first, and so does not come down to 0.
    schedule: { name: 'cosine', by: 'epoch', epochs: 50, warmup: { epochs: 1, learningRate: 1e-5 } },
  }),
});

/** Of PositiveCoOp and NegativeCoOp: the example of their code. */
const oneLearned = {
  optimizer: { learningRate: 0.5, weightDecay: 0 },
  schedule: { warmup: { epochs: 1, learningRate: 5e-3 } },
  contextRateFactor: 0.01,
};

type PresetName = 'dualcoop-coco' | 'dualcoop-voc' | 'dualcoop-nus-zero-shot' | 'positivecoop-voc' | 'negativecoop-voc';

/**
 * The published settings, on CLIP's RN101 with images of 448 × 448, batches of 32. The authors choose the best epoch on the
 * test images.
 *
 * Sources: Sun et al. (DualCoOp), NeurIPS 2022; Rawlekar et al. (PositiveCoOp, NegativeCoOp), WACV 2025; and their code.
 */
export const coopPresets: Readonly<Record<PresetName, CoopConfig>> = {
  'dualcoop-coco': coopConfigSchema.parse({}),
  'dualcoop-voc': coopConfigSchema.parse({ optimizer: { learningRate: 1e-3 } }),
  /** CLIP's RN50, images of 224 × 224. */
  'dualcoop-nus-zero-shot': coopConfigSchema.parse({
    contextLength: { positive: 64, negative: 64 },
    loss: { weight: 0.01 },
    optimizer: { learningRate: 1e-3 },
    classesAtOnce: 100,
  }),
  'positivecoop-voc': coopConfigSchema.parse({ prompts: 'positive', ...oneLearned }),
  'negativecoop-voc': coopConfigSchema.parse({ prompts: 'negative', ...oneLearned }),
};
