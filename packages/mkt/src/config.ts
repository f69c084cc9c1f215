import { type TrainingConfig, trainingShape } from '@ltml/tensor/config';
import * as z from 'zod';

/** Configuration of MKT and of its training. The loader sets the batch size; the presets name the published sizes. */
export interface MktConfig {
  /** k, the number of patches that count for a label. Default 18. */
  readonly topK: number;
  /**
   * How patches are projected to the space of the label embeddings. Default `mlp`.
   *
   * - `mlp`: by two linear layers of their own.
   * - `shared`: by the projection of the whole image.
   * - `encoder`: the encoder does it, as CLIP's image tower does.
   */
  readonly localHead: 'mlp' | 'shared' | 'encoder';
  /** How the two streams give a score; see {@link CombineOptions}. Default `mean`. */
  readonly combine: 'mean' | 'sum' | 'global' | 'local';
  /** Whether each stream is scaled to length 1 over the classes of an image. Default true. */
  readonly normalizeScores: boolean;
  /** Whether label embeddings are scaled to length 1. Default false. */
  readonly normalizeLabels: boolean;
  /** The ranking loss of both stages. */
  readonly ranking: RankingConfig;
  /** The distillation in the first stage. */
  readonly distillation: DistillationConfig;
  /** The first stage, which trains the student. With 0 epochs there is no such stage. */
  readonly distil: DistilConfig;
  /** The second stage, which tunes the prompt. With 0 epochs there is no such stage. */
  readonly prompt: PromptConfig;
}

/** Configuration of the ranking loss; see `RankingLossOptions` of `@ltml/losses`. */
export interface RankingConfig {
  /** Which pairs of classes count, and how they are averaged. Default `violationMean`: authors' code. */
  readonly pairs: 'violationMean' | 'sum';
  /** Margin between a positive and a negative, above 0. Default 1. */
  readonly margin: number;
}

/** Configuration of the distillation from the teacher. */
export interface DistillationConfig {
  /** λ, weight of the loss. 0 needs no teacher. Default 1. */
  readonly weight: number;
  /** See {@link DistillationLossOptions}. Default `mean`. */
  readonly reduction: 'mean' | 'rowNorm';
  /**
   * Mean and standard deviation that normalise the teacher's images: those of the `student` (ImageNet), or those of
   * `clip`. Default `student`.
   */
  readonly teacherNorm: 'student' | 'clip';
}

/** Training of the student. `epochs: 0` leaves the stage out. */
export interface DistilConfig extends TrainingConfig {
  /** Factor of the learning rate from each layer to the one below; see {@link layerDecayGroups}. Default 0.65. */
  readonly layerDecay: number;
  /** Freezes the student's layers up to this one. 0: everything before the blocks. i + 1: block i. Default −1: none. */
  readonly fixLayer: number;
}

/** Tuning of the prompt. `epochs: 0` leaves the stage out. */
export interface PromptConfig extends TrainingConfig {
  /** Whether the embeddings of the start and end tokens are tuned too, as in the authors' code. Default false. */
  readonly tuneBoundaryTokens: boolean;
}

const share = z.number().gt(0).max(1);
const rankingSchema: z.ZodType<RankingConfig> = z.strictObject({
  // As in the authors' code. Learning rate and weight of the distillation fit this choice.
  pairs: z.enum(['violationMean', 'sum']).default('violationMean'),
  margin: z.number().positive().default(1),
});

const distillationSchema: z.ZodType<DistillationConfig> = z.strictObject({
  weight: z.number().nonnegative().default(1),
  reduction: z.enum(['mean', 'rowNorm']).default('mean'),
  teacherNorm: z.enum(['student', 'clip']).default('student'),
});

const epochs = z.int().nonnegative().max(1e6);

const distilSchema: z.ZodType<DistilConfig> = z.strictObject({
  ...trainingShape({
    epochs: 20,
    optimizer: { name: 'adamw', learningRate: 1e-3, weightDecay: 0.005 },
    schedule: { name: 'cosine', minLearningRate: 1e-6, warmup: { epochs: 2 } },
  }),
  epochs: epochs.default(20),
  layerDecay: share.default(0.65),
  fixLayer: z.int().min(-1).max(1000).default(-1),
});

const promptSchema: z.ZodType<PromptConfig> = z.strictObject({
  ...trainingShape({
    epochs: 10,
    optimizer: { name: 'adamw', learningRate: 3e-5, weightDecay: 0.05 },
    schedule: { name: 'cosine', minLearningRate: 1e-8 },
  }),
  epochs: epochs.default(10),
  tuneBoundaryTokens: z.boolean().default(false),
});

/** Schema of {@link MktConfig}. The defaults are the preset `paper`. */
export const mktConfigSchema: z.ZodType<MktConfig> = z.strictObject({
  topK: z.int().positive().max(65_536).default(18),
  localHead: z.enum(['mlp', 'shared', 'encoder']).default('mlp'),
  combine: z.enum(['mean', 'sum', 'global', 'local']).default('mean'),
  normalizeScores: z.boolean().default(true),
  normalizeLabels: z.boolean().default(false),
  ranking: rankingSchema.prefault({}),
  distillation: distillationSchema.prefault({}),
  distil: distilSchema.prefault({}),
  prompt: promptSchema.prefault({}),
});

/** Configurations by name. */
export const mktPresets: Readonly<Record<'paper' | 'paper-open-images' | 'repo', MktConfig>> = {
  /**
   * NUS-WIDE as in the paper: a student pretrained on ImageNet, with all layers trained. Use batches of 128, then of
   * 16.
   *
   * Settings that the paper does not give come from the released code, with one exception: no layer is frozen. Training
   * two blocks only, as the released code does, is not enough to move an ImageNet network into CLIP's embedding space.
   */
  paper: mktConfigSchema.parse({}),
  /** Open Images as in the paper: as `paper`, but 4 epochs, then 2. */
  'paper-open-images': mktConfigSchema.parse({ distil: { epochs: 4 }, prompt: { epochs: 2 } }),
  /**
   * NUS-WIDE as released: the student is CLIP's image tower, whose last two blocks and projection train. Use batches of
   * 64, then of 512.
   */
  repo: mktConfigSchema.parse({
    topK: 16,
    localHead: 'encoder',
    distil: { optimizer: { weightDecay: 0.05 }, fixLayer: 10 },
    prompt: { epochs: 4, optimizer: { learningRate: 1e-3 }, tuneBoundaryTokens: true },
  }),
};
