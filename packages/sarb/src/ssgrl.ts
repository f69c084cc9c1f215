import {
  BatchNorm,
  Conv2d,
  checkShapes,
  convBatchNorm,
  freezeNetwork,
  Module,
  ModuleBuffer,
  OptionError,
  type RandomStream,
} from '@ltml/tensor';
import type { MapEncoder, MethodParts, Task } from '@ltml/tensor/contract';
import * as tf from '@tensorflow/tfjs-core';
import { cooccurrenceAdjacency } from './adjacency.ts';
import type { ElementWiseLinear } from './element-wise-linear.ts';
import type { GatedGraphNetwork } from './gated-graph-network.ts';
import { GraphClassifier } from './graph-classifier.ts';
import { SemanticAttention } from './semantic-attention.ts';
import { type ClassFeatures, SemanticDecoupling } from './semantic-decoupling.ts';
import type { SsgrlConfig } from './ssgrl-config.ts';

/**
 * The parts of an {@link Ssgrl} network. `classEmbeddings` are for semantic decoupling; a copy is kept and does not
 * train.
 */
export type SsgrlParts = Pick<MethodParts, 'features' | 'classEmbeddings'> & { readonly encoder?: MapEncoder };

/**
 * The network of SSGRL, which SARB, DSRB, SST and HST train: class features from a feature map, then logits from a
 * graph network over the classes. It freezes the layers of the encoder that the configuration names.
 *
 * State names are those of SARB's published weights.
 *
 * Source: Chen et al. (SSGRL), ICCV 2019; sizes of the released code of SARB.
 */
export abstract class Ssgrl extends Module {
  readonly encoder: MapEncoder | undefined;
  /** Projects the map to D channels; empty if it has D channels already. */
  readonly changeChannel: [Conv2d, BatchNorm] | [];
  readonly SemanticDecoupling: SemanticDecoupling | undefined;
  readonly SemanticAttention: SemanticAttention | undefined;
  readonly wordFeatures: ModuleBuffer | undefined;
  readonly GraphNeuralNetwork: GatedGraphNetwork;
  readonly fc: GraphClassifier['fc'];
  readonly classifiers: ElementWiseLinear;
  readonly #classifier: GraphClassifier;

  /** @param parts checked by `checkSsgrlParts` */
  constructor(task: Task, parts: SsgrlParts, config: SsgrlConfig, random: RandomStream) {
    super();
    const { features: channels, encoder, classEmbeddings } = parts;
    const { features, attention, graphSteps, freeze } = config;
    const classes = task.classes.length;
    this.encoder = encoder;
    if (encoder) freezeNetwork(encoder, freeze);
    this.changeChannel =
      attention.name === 'masks' || channels === features ? [] : changeChannel(channels, features, random);
    if (attention.name === 'masks') {
      this.SemanticAttention = new SemanticAttention({ channels, features, classes, random });
    } else {
      const { innerFeatures } = attention;
      const wordFeatures = classEmbeddings!.shape[1];
      this.SemanticDecoupling = new SemanticDecoupling({ features, wordFeatures, innerFeatures, random });
      this.wordFeatures = new ModuleBuffer(tf.clone(classEmbeddings!), 'same');
    }
    const adjacency = cooccurrenceAdjacency(task.statistics);
    this.#classifier = new GraphClassifier({ features, adjacency, steps: graphSteps, random });
    this.GraphNeuralNetwork = this.#classifier.GraphNeuralNetwork;
    this.fc = this.#classifier.fc;
    this.classifiers = this.#classifier.classifiers;
  }

  /**
   * Every intermediate result: `map` [B, H, W, D], `attention` [B, C, H·W], `features` [B, C, D] and `logits` [B, C].
   */
  forward(inputs: tf.Tensor): { map: tf.Tensor4D; logits: tf.Tensor2D } & ClassFeatures {
    return tf.tidy(() => {
      const map = this.changed(this.encode(inputs));
      const { attention, features } = this.attend(map);
      // A clone, because the inputs can be the map itself.
      return { map: tf.clone(map), attention, features, logits: this.classify(features) };
    });
  }

  /** Logits [B, C] of class features [B, C, D], which may be blended. */
  classify(features: tf.Tensor3D): tf.Tensor2D {
    return this.#classifier.forward(features);
  }

  predict(inputs: tf.Tensor): tf.Tensor2D {
    return tf.tidy(() => this.forward(inputs).logits);
  }

  /** Where the image shows each class: its attention to the places of the map. */
  evidence(inputs: tf.Tensor): tf.Tensor4D {
    return tf.tidy(() => {
      const { map, attention } = this.forward(inputs);
      const [B, C] = attention.shape;
      return tf.reshape(attention, [B, C, map.shape[1], map.shape[2]]);
    });
  }

  /** The two halves of {@link classify}, see {@link GraphClassifier}. */
  protected embed(features: tf.Tensor3D): tf.Tensor3D {
    return this.#classifier.embed(features);
  }

  protected classifyEmbedded(embedded: tf.Tensor3D): tf.Tensor2D {
    return this.#classifier.classify(embedded);
  }

  protected encode(inputs: tf.Tensor): tf.Tensor4D {
    return (this.encoder ? this.encoder.forward(inputs).featureMap : inputs) as tf.Tensor4D;
  }

  /** The map projected to D channels. Attention by masks projects by itself, so there the map does not change. */
  protected changed(map: tf.Tensor4D): tf.Tensor4D {
    const [conv, norm] = this.changeChannel;
    return conv && norm ? convBatchNorm(conv, norm, map) : map;
  }

  protected attend(map: tf.Tensor4D): ClassFeatures {
    if (this.SemanticAttention) return this.SemanticAttention.forward(map);
    return this.SemanticDecoupling!.forward(map, this.wordFeatures!.variable as unknown as tf.Tensor2D);
  }
}

function changeChannel(inChannels: number, outChannels: number, random: RandomStream): [Conv2d, BatchNorm] {
  return [
    new Conv2d({ inChannels, outChannels, kernel: 1, bias: false, random }),
    new BatchNorm({ channels: outChannels }),
  ];
}

/**
 * Checks the parts of the network before it is created.
 *
 * @param where name of the caller, for error messages
 * @throws OptionError, ShapeError
 */
export function checkSsgrlParts(
  where: string,
  { classes }: Task,
  { classEmbeddings }: SsgrlParts,
  { attention }: SsgrlConfig,
): void {
  if (attention.name !== 'decoupling') return;
  const argument = 'parts.classEmbeddings';
  if (!classEmbeddings) {
    const expected = "word vectors [C, E] for semantic decoupling (attention 'masks' needs none)";
    throw new OptionError({ where, argument, expected, received: 'nothing' });
  }
  checkShapes(where, {
    'task.classes': [{ shape: [classes.length] }, 'C'],
    [argument]: [classEmbeddings, 'C E'],
  });
}
