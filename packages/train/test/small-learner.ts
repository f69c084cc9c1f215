import { BatchNorm, constantRate, Dropout, Linear, Module, type RandomStreams, Sgd } from '@ltml/tensor';
import type { Batch, Criterion, Encoder, Learner, Stage } from '@ltml/tensor/contract';
import type * as tf from '@tensorflow/tfjs-core';

export interface SmallLearnerOptions {
  /** Of the inputs, or of the encoder. */
  readonly features: number;
  readonly classes: number;
  readonly criterion: Criterion;
  readonly random: RandomStreams;
  readonly encoder?: Encoder;
  /** A hidden layer with batch norm and dropout, by default of rate 0.5. */
  readonly neck?: { readonly width: number; readonly dropout?: number };
  /** By default three epochs of SGD at a rate of 0.5. */
  readonly stage?: Partial<Stage>;
}

class Neck extends Module {
  readonly fc: Linear;
  readonly bn: BatchNorm;
  readonly dropout: Dropout;

  constructor(inFeatures: number, width: number, rate: number, random: RandomStreams) {
    super();
    this.fc = new Linear({ inFeatures, outFeatures: width, random: random.stream('init') });
    this.bn = new BatchNorm({ channels: width });
    this.dropout = new Dropout({ rate, random: random.stream('dropout') });
  }

  forward(x: tf.Tensor): tf.Tensor {
    return this.dropout.forward(this.bn.forward(this.fc.forward(x)));
  }
}

/** The least that `fit` trains: (encoder) → (neck) → linear head. */
export class SmallLearner extends Module implements Learner {
  readonly encoder: Encoder | undefined;
  readonly neck: Neck | undefined;
  readonly head: Linear;
  readonly stages: readonly Stage[];
  readonly scores = 'sigmoid' as const;
  readonly #criterion: Criterion;

  constructor({ features, classes, criterion, random, encoder, neck, stage }: SmallLearnerOptions) {
    super();
    this.encoder = encoder;
    this.neck = neck && new Neck(features, neck.width, neck.dropout ?? 0.5, random);
    const inFeatures = neck?.width ?? features;
    this.head = new Linear({ inFeatures, outFeatures: classes, random: random.stream('init') });
    this.#criterion = criterion;
    this.stages = [
      {
        name: 'train',
        epochs: 3,
        step: ({ inputs, labels, known }: Batch, { epoch }) => ({
          loss: this.#criterion(this.forward(inputs).logits, labels, known, epoch),
          terms: {},
        }),
        optimizer: (parameters) => new Sgd([{ parameters, learningRate: 0.5 }], { momentum: 0.9 }),
        schedule: () => constantRate(),
        ...stage,
      },
    ];
  }

  forward(inputs: tf.Tensor): { logits: tf.Tensor2D } {
    const features = this.encoder ? this.encoder.forward(inputs).features : inputs;
    const embedding = this.neck ? this.neck.forward(features) : features;
    return { logits: this.head.forward(embedding) as tf.Tensor2D };
  }

  predict(inputs: tf.Tensor): tf.Tensor2D {
    return this.forward(inputs).logits;
  }
}
