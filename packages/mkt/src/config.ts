import { type TrainingConfig, trainingShape } from '@ltml/tensor/config';
import * as z from 'zod';

/** MKT and how it is trained. Batches are of the loader; the published sizes are told with the presets. */
export interface MktConfig {
  /** k, patches that count for a label. */
  readonly topK: number;
  /**
   * How the student's tokens come to the labels' space: patches by two layers of their own, by the projection of the image
   * as a whole, or both by the encoder itself, as CLIP's image tower does.
   */
  readonly localHead: 'mlp' | 'shared' | 'encoder';
  readonly combine: 'mean' | 'sum' | 'global' | 'local';
  /** Whether each stream is scaled to length 1 over the classes of an image. */
  readonly normalizeScores: boolean;
  /** Whether label embeddings are scaled to length 1. */
  readonly normalizeLabels: boolean;
  readonly ranking: RankingConfig;
  readonly distillation: DistillationConfig;
  /** Trains the student; without epochs there is no such stage. */
  readonly distil: DistilConfig;
  /** Tunes the prompt; without epochs there is no such stage. */
  readonly prompt: PromptConfig;
}

/** See {@link RankingLossOptions} of `@ltml/losses`. */
export interface RankingConfig {
  readonly pairs: 'violationMean' | 'sum';
  readonly margin: number;
}

/** Settings of the distillation from the teacher. */
export interface DistillationConfig {
  /** λ; 0 needs no teacher. */
  readonly weight: number;
  /** See {@link DistillationLossOptions}. */
  readonly reduction: 'mean' | 'rowNorm';
  /** By which statistics the teacher's images are normalised: as the student's, or from ImageNet's again by CLIP's. */
  readonly teacherNorm: 'student' | 'clip';
}

/** How the student trains; 0 epochs leave the stage out. */
export interface DistilConfig extends TrainingConfig {
  /** See {@link layerDecayGroups}. */
  readonly layerDecay: number;
  /** Layers of the student up to this one do not train: 0 is what comes before the blocks, i + 1 block i; −1 trains all. */
  readonly fixLayer: number;
}

/** How the prompt is tuned; 0 epochs leave the stage out. */
export interface PromptConfig extends TrainingConfig {
  /** Whether the embeddings of start and end are tuned too, as in the authors' code. */
  readonly tuneBoundaryTokens: boolean;
}

const share = z.number().gt(0).max(1);
const rankingSchema: z.ZodType<RankingConfig> = z.strictObject({
  // Authors' code; the rate and the weight of the distillation are made for it.
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

/** Defaults are those of the preset `paper`. */
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
   * NUS-WIDE as in the paper: a student pretrained on ImageNet, of which all layers train; batches of 128, then of 16.
   * What the paper leaves out is taken from the released code, save for frozen layers: two blocks alone can't pull an
   * ImageNet network into CLIP's space.
   */
  paper: mktConfigSchema.parse({}),
  /** Open Images as in the paper: the same for 4 epochs, then 2. */
  'paper-open-images': mktConfigSchema.parse({ distil: { epochs: 4 }, prompt: { epochs: 2 } }),
  /**
   * NUS-WIDE as released: CLIP's image tower is the student, its last two blocks and its projection train; batches of 64,
   * then of 512.
   */
  repo: mktConfigSchema.parse({
    topK: 16,
    localHead: 'encoder',
    distil: { optimizer: { weightDecay: 0.05 }, fixLayer: 10 },
    prompt: { epochs: 4, optimizer: { learningRate: 1e-3 }, tuneBoundaryTokens: true },
  }),
};
