import { loadTinyClip } from '@ltml/backbone/node';
import { classifier, classifierConfigSchema, classifierPresets } from '@ltml/classifier';
import { cprfl, cprflConfigSchema, presets as cprflPresets } from '@ltml/cprfl';
import {
  BatchLoader,
  contrastiveViews,
  type Dataset,
  type ImageSource,
  type InputSource,
  UniformSampler,
} from '@ltml/data';
import { Dscl, dsclConfigSchema, dsclPresets } from '@ltml/dscl';
import type { ChannelStatistics } from '@ltml/images';
import { mkt, mktConfigSchema, mktPresets, type Student } from '@ltml/mkt';
import { type SarbParts, sarb, sarbConfigSchema, sarbPresets } from '@ltml/sarb';
import { RandomStreams } from '@ltml/tensor';
import type { Encoder, Learner, MapEncoder, Task } from '@ltml/tensor/contract';
import type * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { EntryError } from '../usage-error.ts';
import type { EncoderView } from './backbones.ts';
import { classEmbeddings } from './class-embeddings.ts';
import type { BoundLoss } from './losses.ts';
import type { NamedPart } from './part.ts';

/** What a method of a configuration is put together from. */
export interface MethodContext {
  readonly task: Task;
  /** What batches are drawn from: the cached view of the backbone where it is frozen, images where it trains. */
  readonly train: () => Dataset;
  /** D, features of the backbone. */
  readonly features: number;
  /** Trains with the method; left out where inputs are cached. */
  readonly backbone?: Encoder;
  /** A second network like it, for a method whose `encoders` are two. */
  readonly keyBackbone?: Encoder;
  /** What the configuration names, or the method's default; left out for a method with a loss of its own. */
  readonly loss?: BoundLoss;
  /** [C, E] of what the configuration names, for a method that takes them; disposed of after `create`. */
  readonly classEmbeddings?: tf.Tensor2D;
  readonly random: RandomStreams;
}

/** A method that a configuration can name. */
export interface MethodPart {
  /** Options by preset; the first one is the default. */
  readonly presets: Readonly<Record<string, object>>;
  readonly options: z.ZodType<object>;
  /** What of the backbone's output the method works on. */
  readonly reads: EncoderView;
  /**
   * The loss where the configuration names none: `required` if it must, `preset` where the method's options have one,
   * `own` for a method that takes no other.
   */
  readonly loss: NamedPart | 'required' | 'preset' | 'own';
  /** Where embeddings of the class names come from unless the configuration says so; left out by methods without. */
  readonly classEmbeddings?: NamedPart;
  /** How many networks it takes; default 1. */
  readonly encoders?: 1 | 2;
  /** Set where it needs the backbone itself: features that are kept won't do. */
  readonly trainsBackbone?: true;
  /** Its stages: the options, by their paths, that are counted in epochs; the length of the stage first. */
  readonly stages: readonly (readonly [length: string, ...others: string[]])[];
  /** What its first stage sees of pictures, where that is not what it predicts from. Further stages see plain pictures. */
  views?(learner: Learner, images: ImageSource, options: ViewOptions): InputSource;
  create(options: object, context: MethodContext): Learner | Promise<Learner>;
}

/** What a configuration says of views. */
export interface ViewOptions {
  readonly statistics: ChannelStatistics;
  readonly mirror: boolean;
}

/** Helps TypeScript to see that the options of a method are those it is created with. */
function method<Config extends object>(
  part: Omit<MethodPart, 'options' | 'presets' | 'create'> & {
    readonly presets: Readonly<Record<string, Config>>;
    readonly options: z.ZodType<Config>;
    create(options: Config, context: MethodContext): Learner | Promise<Learner>;
  },
): MethodPart {
  return part as unknown as MethodPart;
}

/** Methods by name. */
export const methods: Readonly<Record<string, MethodPart>> = {
  classifier: method({
    presets: classifierPresets,
    options: classifierConfigSchema,
    reads: 'features',
    loss: 'required',
    stages: [['epochs', 'schedule.epochs']],
    create: (options, { task, features, backbone, loss, random }) =>
      classifier.create(task, { ...criterionOf(loss), features, ...(backbone && { backbone }) }, options, random),
  }),
  sarb: method({
    presets: sarbPresets,
    options: sarbConfigSchema,
    reads: 'featureMap',
    loss: { name: 'partial-binary-cross-entropy' },
    stages: [['epochs', 'blending.from', 'blending.prototypes.every', 'decay.every']],
    classEmbeddings: { name: 'tiny-clip' },
    create(options, { task, train, features, backbone, loss, classEmbeddings, random }) {
      const parts: SarbParts = {
        ...criterionOf(loss),
        ...(loss && { softLabels: loss.softLabels }),
        features,
        trainingSet: ({ epoch }) => batchesOf(train(), random.seed, epoch),
        ...(backbone && { backbone: backbone as MapEncoder }),
        ...(options.attention.name === 'decoupling' && classEmbeddings && { classEmbeddings }),
      };
      return sarb.create(task, parts, options, random);
    },
  }),
  cprfl: method({
    presets: cprflPresets,
    options: cprflConfigSchema,
    reads: 'featureMap',
    loss: 'preset',
    stages: [['epochs', 'scheduleEpochs']],
    classEmbeddings: { name: 'tiny-clip' },
    create: (options, { task, features, backbone, loss, classEmbeddings, random }) => {
      const parts = { features, ...(backbone && { backbone }), ...(classEmbeddings && { classEmbeddings }) };
      return cprfl.create(task, { ...parts, ...(loss && criterionOf(loss)) }, options, random);
    },
  }),
  mkt: method({
    presets: mktPresets,
    options: mktConfigSchema,
    reads: 'featureMap',
    loss: 'own',
    trainsBackbone: true,
    stages: [
      ['distil.epochs', 'distil.warmupEpochs'],
      ['prompt.epochs', 'prompt.warmupEpochs'],
    ],
    async create(options, { task, features, backbone, random }) {
      if (!backbone) throw new EntryError('should be null: the teacher of mkt looks at pictures', 'cachedViews');
      // Teacher and text tower live as long as the learner, that is, as the process.
      const { clip, tokenizer } = await loadTinyClip();
      const parts = { backbone: backbone as Student, features, teacher: clip.visual, textTower: clip.text, tokenizer };
      return mkt.create(task, parts, options, random);
    },
  }),
  dscl: method({
    presets: dsclPresets,
    options: dsclConfigSchema,
    reads: 'features',
    loss: 'own',
    encoders: 2,
    trainsBackbone: true,
    stages: [
      ['pretrain.epochs', 'pretrain.warmupEpochs'],
      ['classify.epochs', 'classify.milestones'],
    ],
    views: (learner, images, { statistics, mirror }) =>
      contrastiveViews(images, { ...(learner as Dscl).views, statistics, mirror }),
    create: (options, { task, features, backbone, keyBackbone, random }) => {
      if (!backbone || !keyBackbone) throw new EntryError('should be null: dscl trains its backbone', 'cachedViews');
      // A backbone without a map is refused where the map is asked for.
      const parts = { backbone: backbone as MapEncoder, keyBackbone: keyBackbone as MapEncoder, features };
      return new Dscl(task, parts, options, random);
    },
  }),
};

/** The training set once over, augmented and shuffled, and the same for the same epoch however often it is asked for. */
function batchesOf(dataset: Dataset, seed: number, epoch: number): ReturnType<BatchLoader['epoch']> {
  const random = new RandomStreams(seed + 1000 * (epoch + 1));
  const sampler = new UniformSampler({ length: dataset.labels.rows, random: random.stream('shuffle') });
  return new BatchLoader({ dataset, sampler, batchSize: 64, random }).epoch();
}

/** The name that a configuration without one means. */
export const defaultMethod = 'classifier';

/** A method as a configuration has it, resolved. */
export interface MethodConfig {
  readonly name: string;
  readonly preset: string;
  readonly options: object;
  readonly classEmbeddings?: NamedPart;
}

const variants = Object.entries(methods).map(([name, { presets, options, classEmbeddings: source }]) => {
  const names = Object.keys(presets) as [string, ...string[]];
  const embeddings = source && { classEmbeddings: classEmbeddings.schema.prefault(source) };
  return z.strictObject({ name: z.literal(name), preset: z.enum(names).default(names[0]), options, ...embeddings });
});

export const methodSchema: z.ZodType<MethodConfig> = z.discriminatedUnion(
  'name',
  variants as [(typeof variants)[0]],
) as unknown as z.ZodType<MethodConfig>;

/** A configuration's loss as the parts of a method whose loss is not its own. */
function criterionOf(loss: BoundLoss | undefined): {
  readonly criterion: BoundLoss['criterion'];
  readonly lossReduction: BoundLoss['reduction'];
  readonly scores: BoundLoss['scores'];
} {
  if (!loss) throw new Error('a method whose loss is named was built without one');
  return { criterion: loss.criterion, lossReduction: loss.reduction, scores: loss.scores };
}
