import {
  BatchLoader,
  contrastiveViews,
  type InputParts,
  type InputSource,
  imageInputs,
  type LabelledInputs,
  type Pictures,
  UniformSampler,
} from '@ltml/data';
import { BatchNorm, Conv2d, globalAveragePool, Module, Parameter, RandomStream, RandomStreams } from '@ltml/tensor';
import type {
  AdaptableBlock,
  AdaptableEncoder,
  Branch,
  Criterion,
  EncodingName,
  Learner,
  Method,
  MethodNeeds,
  MethodParts,
  Task,
  TextTower,
} from '@ltml/tensor/contract';
import { classStatistics, type Labels } from '@ltml/tensor/labels';
import type { FitOptions } from '@ltml/train';
import * as tf from '@tensorflow/tfjs-core';

const features = 8;
const classes = ['red', 'green', 'blue'];
const statistics = { mean: [127.5, 127.5, 127.5], std: [64, 64, 64] } as const;

export interface SetupOptions {
  readonly config?: object;
  readonly change?: (parts: MethodParts) => MethodParts;
  readonly view?: EncodingName;
  readonly labels?: Labels;
  readonly batchSize?: number;
}

/** A learner of what the method says it needs, ready for `fit`. */
export function tinyMethod<Config extends object>(
  { create, needs }: Method<Config, never>,
  { config, change = (parts: MethodParts) => parts, view, labels = single, batchSize = 6 }: SetupOptions,
) {
  const random = new RandomStreams(7);
  const inputs = view ? encodeAs(view) : imageInputs(images, [{ name: 'normalize', ...statistics }]);
  const dataset: LabelledInputs = { name: 'tiny', classes, labels, inputs };
  const provided = provide(needs, dataset, view === undefined);
  const make = create as (task: Task, parts: MethodParts, config: Config, random: RandomStreams) => Learner;
  const learner = make(taskOf(labels), change(provided.parts), config as Config, random);
  const loaders = learner.stages.map((stage) => {
    const seen = stage.views
      ? { ...dataset, inputs: contrastiveViews(images, { ...stage.views, statistics }) }
      : dataset;
    const sampler = new UniformSampler({ length: labels.rows, random: random.stream('shuffle') });
    return [
      stage.name,
      new BatchLoader<InputSource | InputParts>({ dataset: seen, sampler, batchSize, random }),
    ] as const;
  });
  const options: FitOptions = { learner, random, loader: loaders[0][1], stageLoaders: Object.fromEntries(loaders) };
  return {
    ...{ learner, options, kept: provided.kept },
    dispose() {
      learner.dispose();
      provided.dispose();
    },
  };
}

/** What the method says it needs, and what it may be given besides where it can train an encoder. */
function provide(needs: MethodNeeds, dataset: LabelledInputs, withEncoder: boolean) {
  const random = new RandomStreams(11);
  const clip = { teacher: new TinyEncoder(random.stream('teacher')), tower: new MeanTower(random.stream('tower')) };
  const embeddings = tf.tidy(() => tf.randomNormal<tf.Rank.R2>([3, 5], 0, 1, 'float32', 2));
  const parts: MethodParts = {
    features,
    ...(withEncoder && { encoder: new TinyEncoder(random.stream('init')) }),
    ...(needs.encoders === 2 && { keyEncoder: new TinyEncoder(random.stream('key')) }),
    ...(needs.teacher && { teacher: clip.teacher }),
    ...(needs.text === 'embeddings' && { classEmbeddings: embeddings }),
    ...(needs.text === 'tower' && { textTower: clip.tower, tokenizer }),
    ...(needs.trainingSet && {
      trainingSet: ({ epoch }) => {
        const own = new RandomStreams(100 + epoch);
        const sampler = new UniformSampler({ length: dataset.labels.rows, random: own.stream('shuffle') });
        return new BatchLoader({ dataset, sampler, batchSize: 6, random: own }).epoch();
      },
    }),
    ...(needs.loss === 'any' && { criterion: bce }),
  };
  const dispose = (): void => {
    clip.teacher.dispose();
    clip.tower.dispose();
    embeddings.dispose();
  };
  return { parts, kept: [clip.teacher, clip.tower], dispose };
}

/** Binary cross-entropy on logits, the mean over images and classes. */
export const bce: Criterion = (logits, labels) =>
  tf.tidy(() => tf.mean(tf.sub(tf.softplus(logits), tf.mul(labels, logits))));

/** Six, four and two images of one class each. */
export const single: Labels = (() => {
  const chosen = [0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2];
  const present = Uint8Array.from(chosen.flatMap((c) => [0, 1, 2].map((other) => Number(other === c))));
  return { rows: chosen.length, columns: 3, present };
})();

function taskOf(labels: Labels): Task {
  return { classes, statistics: classStatistics(labels) };
}

/** Noise with the colour of the class. */
const images: Pictures = (() => {
  const random = new RandomStream(5);
  const pixels = Array.from({ length: single.rows }, (_, row) =>
    Uint8Array.from(
      { length: 16 * 16 * 3 },
      (_, at) => (single.present[row * 3 + (at % 3)] ? 150 : 60) + random.integer(60),
    ),
  );
  const size = { height: 16, width: 16 };
  return {
    length: single.rows,
    size,
    key: (index) => `${index}`,
    read: async (index) => ({ ...size, pixels: pixels[index] }),
  };
})();

/** Noise in the shape of a view of {@link TinyEncoder}. */
function encodeAs(view: EncodingName): LabelledInputs['inputs'] {
  const shape = {
    features: [features],
    featureMap: [4, 4, features],
    patches: [16, features],
    tokens: [17, features],
  }[view];
  const size = shape.reduce((product, n) => product * n, 1);
  const random = new RandomStream(6);
  const values = Array.from({ length: single.rows }, () => Float32Array.from({ length: size }, () => random.normal()));
  return {
    length: single.rows,
    shape,
    async read(indices) {
      const batch = new Float32Array(indices.length * size);
      for (let i = 0; i < indices.length; i++) batch.set(values[indices[i]], i * size);
      return batch;
    },
  };
}

/** Two convolutions with norms under a ResNet's names; every view, 8 features wide, the map a quarter of the image. */
export class TinyEncoder extends Module implements AdaptableEncoder {
  readonly conv1: Conv2d;
  readonly bn1: BatchNorm = new BatchNorm({ channels: 6 });
  readonly layer4: [Conv2d, BatchNorm];
  /** Lets its tokens as they are, but for an adapter. */
  readonly block: TinyBlock = new TinyBlock();

  constructor(random: RandomStream) {
    super();
    const options = { kernel: 3, stride: 2, padding: 1, random };
    this.conv1 = new Conv2d({ ...options, inChannels: 3, outChannels: 6 });
    this.layer4 = [
      new Conv2d({ ...options, inChannels: 6, outChannels: features }),
      new BatchNorm({ channels: features }),
    ];
  }

  forward(pictures: tf.Tensor) {
    const x = tf.relu(this.bn1.forward(this.conv1.forward(pictures)));
    const featureMap = tf.relu(this.layer4[1].forward(this.layer4[0].forward(x))) as tf.Tensor4D;
    const [B, h, w, D] = featureMap.shape;
    const places = tf.reshape(featureMap, [B, h * w, D]) as tf.Tensor3D;
    const pooled = globalAveragePool(featureMap);
    const tokens = this.block.forward(tf.concat([tf.expandDims<tf.Tensor3D>(pooled, 1), places], 1));
    const patches = tf.slice(tokens, [0, 1, 0], [B, h * w, D]);
    const features = tf.reshape<tf.Rank.R2>(tf.slice(tokens, [0, 0, 0], [B, 1, D]), [B, D]);
    return { featureMap, patches, tokens, features };
  }

  get adaptableBlocks(): readonly AdaptableBlock[] {
    return [this.block];
  }
}

class TinyBlock extends Module implements AdaptableBlock {
  adapter: Branch | undefined;

  forward(x: tf.Tensor3D): tf.Tensor3D {
    return this.adapter ? tf.add(x, this.adapter.forward(x)) : tf.clone(x);
  }
}

const words = ['there', 'is', 'a', 'in', 'the', 'scene', ...classes];

/** Tokens are words; the end has the largest id, as CLIP's. */
const tokenizer = {
  contextLength: 12,
  startId: words.length,
  endId: words.length + 1,
  encode: (text: string): number[] => (text.toLowerCase().match(/\w+/g) ?? []).map((word) => words.indexOf(word)),
};

/** Reads a text as the mean of its tokens, projected. */
class MeanTower extends Module implements TextTower {
  readonly table: Parameter;
  readonly proj: Parameter;

  constructor(random: RandomStream) {
    super();
    const make = (rows: number, columns: number): Parameter =>
      new Parameter(
        tf.tensor2d(
          Float32Array.from({ length: rows * columns }, () => random.normal()),
          [rows, columns],
        ),
      );
    this.table = make(words.length + 2, 7);
    this.proj = make(7, features);
  }

  embedTokens(ids: tf.Tensor): tf.Tensor3D {
    return tf.gather(this.table.variable, tf.cast(ids, 'int32')) as tf.Tensor3D;
  }

  forwardEmbedded(tokens: tf.Tensor3D): { embedding: tf.Tensor2D } {
    return { embedding: tf.matMul(tf.mean<tf.Tensor2D>(tf.tanh(tokens), 1), this.proj.variable as tf.Tensor2D) };
  }
}
