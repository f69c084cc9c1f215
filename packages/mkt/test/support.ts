import { type LabelPrompts, labelPrompts, type Mkt, type MktConfig, mkt, mktConfigSchema } from '@ltml/mkt';
import { Linear, Module, normal, Parameter, type RandomStream, RandomStreams } from '@ltml/tensor';
import type { Batch, Encoder, StepContext, Task, TextTower, TokenEncoder } from '@ltml/tensor/contract';
import { onlyStep } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';

/** Entries from a normal distribution. */
export function randomTensor<T extends tf.Tensor>(shape: number[], random: RandomStream, scale = 1): T {
  const size = shape.reduce((product, n) => product * n, 1);
  return tf.tensor(
    Float32Array.from({ length: size }, () => random.normal(0, scale)),
    shape,
  ) as T;
}

/** An encoder of images [B, H, W, 3]: each pixel a patch, the image as a whole their mean. */
export class PixelEncoder extends Module implements TokenEncoder {
  readonly proj: Linear;

  constructor(width: number, random: RandomStream) {
    super();
    this.proj = new Linear({ inFeatures: 3, outFeatures: width, random });
  }

  forward(images: tf.Tensor): { features: tf.Tensor2D; patches: tf.Tensor3D; tokens: tf.Tensor3D } {
    return tf.tidy(() => {
      const [B, H, W] = images.shape;
      const patches = tf.tanh(this.proj.forward(tf.reshape(images, [B, H * W, 3]))) as tf.Tensor3D;
      const features = tf.mean<tf.Tensor2D>(patches, 1);
      return { patches, features, tokens: tf.concat([tf.expandDims<tf.Tensor3D>(features, 1), patches], 1) };
    });
  }
}

/** Reads a text as the mean of its tokens up to the end, which depends on their places, projected. */
export class MeanTower extends Module implements TextTower {
  readonly table: Parameter;
  readonly positions: Parameter;
  readonly proj: Parameter;

  constructor(vocabulary: number, width: number, embedding: number, random: RandomStream) {
    super();
    const make = (shape: number[]): Parameter => new Parameter(normal(0, 1)(shape, { fanIn: 1, fanOut: 1 }, random));
    this.table = make([vocabulary, width]);
    this.positions = make([20, width]);
    this.proj = make([width, embedding]);
  }

  embedTokens(ids: tf.Tensor): tf.Tensor3D {
    return tf.gather(this.table.variable, tf.cast(ids, 'int32')) as tf.Tensor3D;
  }

  forwardEmbedded(tokens: tf.Tensor3D, ids: tf.Tensor): { embedding: tf.Tensor2D } {
    const [C, M, W] = tokens.shape;
    const places = tf.slice(this.positions.variable, [0, 0], [M, W]);
    const placed = tf.tanh(tf.mul(tokens, tf.expandDims(places, 0)));
    const ends = tf.reshape(tf.argMax(ids, 1), [C, 1]);
    const upToEnd = tf.cast(tf.lessEqual(tf.expandDims(tf.range(0, M, 1, 'int32'), 0), ends), 'float32');
    const sum = tf.sum(tf.mul(placed, tf.expandDims(upToEnd, 2)), 1);
    const mean = tf.div<tf.Tensor2D>(sum, tf.sum(upToEnd, 1, true));
    return { embedding: tf.matMul(mean, this.proj.variable as tf.Tensor2D) };
  }
}

const words = ['there', 'is', 'a', 'in', 'the', 'scene', 'red', 'blue', 'green', 'one', 'two', 'three'];

/** Tokens are words; the end has the largest id, as CLIP's. */
export const tokenizer = {
  contextLength: 20,
  startId: words.length,
  endId: words.length + 1,
  encode(text: string): number[] {
    return (text.toLowerCase().match(/\w+/g) ?? []).map((word) => words.indexOf(word));
  },
};

export const classes = ['red one', 'blue two', 'red three', 'green'];

export const task: Task = { classes, statistics: { trainCount: 0, classCounts: [], cooccurrence: [] } };

export function taskPrompts(labels: readonly string[] = classes): LabelPrompts {
  return labelPrompts(labels, { tokenizer });
}

export interface Setup {
  readonly mkt: Mkt;
  readonly teacher: Encoder;
  readonly tower: MeanTower;
  dispose(): void;
}

/** A small MKT of width 6 and 5 features, with a teacher and a text tower. */
export function setup(options: Record<string, unknown> = {}, seed = 1): Setup {
  const random = new RandomStreams(seed);
  const config: MktConfig = mktConfigSchema.parse({ topK: 3, ...options });
  const student = new PixelEncoder(config.localHead === 'encoder' ? 5 : 6, random.stream('student'));
  const teacher = new PixelEncoder(5, random.stream('teacher'));
  const tower = new MeanTower(words.length + 2, 7, 5, random.stream('tower'));
  const features = config.localHead === 'encoder' ? 5 : 6;
  const parts = { encoder: student, features, teacher, textTower: tower, tokenizer };
  const learner = mkt.create(task, parts, config, random) as Mkt;
  return {
    ...{ mkt: learner, teacher, tower },
    dispose() {
      for (const owned of [learner, teacher, tower]) owned.dispose();
    },
  };
}

/** Images of 2 × 3 pixels with labels. */
export function makeBatch(
  labels: readonly (readonly number[])[],
  known = labels.map((row) => row.map(() => 1)),
  seed = 5,
) {
  const random = new RandomStreams(seed).stream('images');
  const batch: Batch = {
    inputs: randomTensor([labels.length, 2, 3, 3], random),
    labels: tf.tensor2d(labels.map((row) => [...row])),
    known: tf.tensor2d(known.map((row) => [...row])),
  };
  return batch;
}

export const context: StepContext = onlyStep();
