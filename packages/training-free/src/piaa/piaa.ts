import { checkShapes, freezeNetwork, Module, ModuleBuffer, OptionError } from '@ltml/tensor';
import type {
  Batch,
  LabelScorer,
  Learner,
  MethodParts,
  Stage,
  StepResult,
  Task,
  TokenEncoder,
} from '@ltml/tensor/contract';
import * as tf from '@tensorflow/tfjs-core';
import { gatheringStage } from '../gathering-stage.ts';
import { columnsAt, embeddingsOf, knownNames, placesOfLabels } from '../known-classes.ts';
import { addToBank, emptyBank } from './bank.ts';
import { BankBuffers } from './bank-buffers.ts';
import type { PiaaConfig } from './config.ts';
import { learnFromBank } from './learn.ts';
import { patchClasses } from './patch-classes.ts';
import { patchReader } from './patches-by-name.ts';
import { type ImageTokens, type PiaaScore, piaaScore } from './score.ts';

/** The parts of {@link Piaa}. Give a text tower with its tokenizer, or class embeddings [C, D] of the same CLIP. */
export interface PiaaParts extends Pick<MethodParts, 'features' | 'textTower' | 'tokenizer' | 'classEmbeddings'> {
  /** The image tower of a CLIP; it is frozen. Leave it out if the inputs are its tokens [B, 1 + N, D]. */
  readonly encoder?: TokenEncoder;
}

/**
 * PIAA: training-free classification with a frozen CLIP. It computes a linear classifier of patches in closed form,
 * from images without labels and the names of the classes. It reads the images once and makes no training steps.
 *
 * State names: `encoder.…`; `labels` [K, D], the class embeddings; `weight` [D, K] and `bias` [K], the classifier;
 * `bank.…`, the patches from which it was computed. K counts the classes of the task and `otherClasses`.
 *
 * Source: PIAA, ICML 2026, arXiv 2605.25821, and its released code.
 */
export class Piaa extends Module implements Learner {
  readonly encoder: TokenEncoder | undefined;
  readonly labels: ModuleBuffer;
  readonly weight: ModuleBuffer;
  readonly bias: ModuleBuffer;
  readonly bank: BankBuffers;
  readonly stages: readonly Stage[];
  readonly scores = 'relative' as const;
  readonly config: PiaaConfig;
  readonly #known: readonly string[];
  /** Indices of the task's classes in the list of known names. */
  readonly #taskPlaces: readonly number[];
  readonly #patches: ((images: tf.Tensor) => tf.Tensor3D) | undefined;

  /** @throws OptionError */
  constructor(task: Task, parts: PiaaParts, config: PiaaConfig) {
    super();
    const { encoder, features: D } = parts;
    if (!encoder && config.patches !== 'plain') {
      throw new OptionError({
        where: 'Piaa',
        argument: 'config.patches',
        expected: 'plain, or an encoder: without an encoder the inputs are its tokens already',
        received: config.patches,
      });
    }
    this.config = config;
    this.encoder = encoder;
    if (encoder) freezeNetwork(encoder, { parameters: '', statistics: '' });
    this.#patches = encoder && patchReader(config.patches, encoder);
    this.#known = knownNames(task, config.otherClasses);
    this.#taskPlaces = placesOfLabels('Piaa', this.#known, task.classes);
    const K = this.#known.length;
    const labels = embeddingsOf('Piaa', this.#known, config.templates, parts);
    checkShapes('Piaa', { [parts.classEmbeddings ? 'parts.classEmbeddings' : 'parts.textTower']: [labels, `K ${D}`] });
    this.labels = new ModuleBuffer(labels, 'same');
    this.weight = new ModuleBuffer(tf.zeros([D, K]), 'same');
    this.bias = new ModuleBuffer(tf.zeros([K]), 'same');
    this.bank = new BankBuffers(emptyBank(K, config.patchesOfClass, D));
    this.stages = [
      gatheringStage({
        name: 'gather',
        epochs: config.epochs,
        // Without a new bank, another pass would add each patch again.
        onEpochStart: () => this.bank.assign(emptyBank(K, config.patchesOfClass, D)),
        step: (batch) => this.#gather(batch as Batch),
        beforeEvaluation: () => this.learn(),
      }),
    ];
  }

  /** Embeddings of the whole image and of its patches. */
  embedImages(inputs: tf.Tensor): ImageTokens {
    return tf.tidy(() => {
      if (this.encoder && this.#patches) {
        return { features: this.encoder.forward(inputs).features, patches: this.#patches(inputs) };
      }
      const { B, L, D } = checkShapes('Piaa', { inputs: [inputs, 'B L D'] });
      const tokens = inputs as tf.Tensor3D;
      return {
        features: tf.reshape(tf.slice(tokens, [0, 0, 0], [B, 1, D]), [B, D]) as tf.Tensor2D,
        patches: tf.slice(tokens, [0, 1, 0], [B, L - 1, D]),
      };
    });
  }

  /** Computes the classifier from the bank. @throws DataError for too few patches; see {@link learnFromBank} */
  async learn(): Promise<void> {
    const { temperature, passes, onEmpty } = this.config;
    const text = this.labels.variable as tf.Tensor as tf.Tensor2D;
    const { classifier } = await learnFromBank(this.bank.contents, text, { temperature, passes, onEmpty });
    tf.tidy(() => {
      this.weight.variable.assign(tf.tensor(Float32Array.from(classifier.weight), this.weight.shape));
      this.bias.variable.assign(tf.tensor(Float32Array.from(classifier.bias), this.bias.shape));
    });
  }

  /** Scores of all known classes, with every intermediate result. */
  forward(inputs: tf.Tensor): PiaaScore {
    const { imageScale, patchScale, gaussianTemperature, imageWeight } = this.config;
    return tf.tidy(() => {
      const [text, weight] = [this.labels.variable, this.weight.variable] as tf.Tensor[] as tf.Tensor2D[];
      const classes = { text, weight, bias: this.bias.variable as tf.Tensor as tf.Tensor1D };
      const options = { imageScale, patchScale, gaussianTemperature, imageWeight };
      return piaaScore(this.embedImages(inputs), classes, options);
    });
  }

  predict(inputs: tf.Tensor): tf.Tensor2D {
    return this.#scores(inputs, this.#taskPlaces);
  }

  /** Scores any of the known classes. @throws OptionError for a label outside the task's classes and `otherClasses` */
  labelScorer(labels: readonly string[]): LabelScorer {
    const places = placesOfLabels('Piaa', this.#known, labels);
    return {
      predict: (inputs) => this.#scores(inputs, places),
      evidence: (inputs) => this.#evidence(inputs, places),
      dispose() {},
    };
  }

  /** The class probabilities of each patch, as a square map. If the number of patches is not a square, as one row. */
  evidence(inputs: tf.Tensor): tf.Tensor4D {
    return this.#evidence(inputs, this.#taskPlaces);
  }

  #scores(inputs: tf.Tensor, places: readonly number[]): tf.Tensor2D {
    return tf.tidy(() => columnsAt(this.forward(inputs).score, places));
  }

  #evidence(inputs: tf.Tensor, places: readonly number[]): tf.Tensor4D {
    return tf.tidy(() => {
      const { patches } = this.forward(inputs);
      const [B, N, K] = patches.shape;
      const rows = columnsAt(tf.reshape<tf.Rank.R2>(patches, [B * N, K]), places);
      const byClass = tf.transpose(tf.reshape(rows, [B, N, places.length]), [0, 2, 1]);
      const side = Math.sqrt(N);
      const [h, w] = Number.isInteger(side) ? [side, side] : [1, N];
      return tf.reshape(byClass, [B, places.length, h, w]);
    });
  }

  #gather({ inputs }: Batch): StepResult {
    const patches = this.#patches ? this.#patches(inputs) : this.embedImages(inputs).patches;
    const [B, N, D] = patches.shape;
    const rows = tf.reshape<tf.Rank.R2>(patches, [B * N, D]);
    const text = this.labels.variable as tf.Tensor as tf.Tensor2D;
    const seen = patchClasses(rows, text, { entropyScale: this.config.entropyScale });
    this.bank.assign(addToBank(this.bank.contents, seen));
    return { loss: tf.mean<tf.Scalar>(seen.entropies), terms: {} };
  }
}
