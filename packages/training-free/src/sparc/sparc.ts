import {
  checkShapes,
  freezeNetwork,
  l2Normalize,
  Module,
  ModuleBuffer,
  OptionError,
  type TextReader,
} from '@ltml/tensor';
import type {
  Batch,
  Encoder,
  LabelScorer,
  Learner,
  MethodParts,
  Stage,
  StepContext,
  StepResult,
  Task,
} from '@ltml/tensor/contract';
import * as tf from '@tensorflow/tfjs-core';
import { embedNames } from '../clip/embed-names.ts';
import { gatheringStage } from '../gathering-stage.ts';
import { columnsAt, knownNames, placesOfLabels, readerOf } from '../known-classes.ts';
import { allRankedScores, mostMembers } from './compound-scores.ts';
import type { SparcConfig } from './config.ts';
import { type Columns, type Debiased, debiasImages, standardized } from './debias.ts';
import { matchClasses } from './match.ts';
import { principalDirection } from './principal-direction.ts';
import { Sums } from './sums.ts';

/** The parts of {@link Sparc}. */
export interface SparcParts extends Pick<MethodParts, 'features' | 'textTower' | 'tokenizer'> {
  /** The image tower of a CLIP; it is frozen. Leave it out if the inputs are its features [B, D]. */
  readonly encoder?: Encoder;
}

/**
 * The output of {@link Sparc}. Axes: B images, K classes. (A type, not an interface, because `tf.tidy` does not accept
 * an interface.)
 */
export type SparcOutput = {
  /** [B, K] debiased scores of the classes alone. */
  readonly single: tf.Tensor2D;
  /** [B, K] scores merged with the compound prompts that name the class. */
  readonly merged: tf.Tensor2D;
  /** [B, K] the final score, a mix of both. */
  readonly score: tf.Tensor2D;
};

/**
 * SPARC: training-free classification by the cosines of a frozen CLIP. Scores of the classes are debiased, and merged
 * with the scores of texts that name several classes. It computes means, deviations and covariances of the scores from
 * images without labels, in two passes and without training steps.
 *
 * The paper computes these statistics on the test set, so that a score depends on the other test images; that is
 * {@link sparcScores}. This class computes them on the training images.
 *
 * State names: `encoder.…`; the embeddings `labels` [K, D], `names` [K, D] and `compounds` [M, D]; the sums over images
 * `spread.…` and `together.…`; `directions` [K, R]. K counts the classes of the task and `otherClasses`.
 *
 * Source: SPARC, CVPR 2025, and its released code.
 */
export class Sparc extends Module implements Learner {
  readonly encoder: Encoder | undefined;
  readonly labels: ModuleBuffer;
  readonly names: ModuleBuffer;
  readonly compounds: ModuleBuffer | undefined;
  readonly spread: Sums;
  readonly together: Sums;
  readonly directions: ModuleBuffer;
  readonly stages: readonly Stage[];
  readonly scores = 'relative' as const;
  readonly config: SparcConfig;
  readonly #known: readonly string[];
  /** Indices of the task's classes in the list of known names. */
  readonly #taskPlaces: readonly number[];
  readonly #members: readonly (readonly number[])[];

  /** @throws OptionError for fewer than two classes, for names without letters, and without a text tower */
  constructor(task: Task, parts: SparcParts, config: SparcConfig) {
    super();
    const { encoder, features: D } = parts;
    this.config = config;
    this.encoder = encoder;
    if (encoder) freezeNetwork(encoder, { parameters: '', statistics: '' });
    this.#known = knownNames(task, config.otherClasses);
    this.#taskPlaces = placesOfLabels('Sparc', this.#known, task.classes);
    const K = this.#known.length;
    if (K < 2) {
      const expected = 'at least two, because scores are compared between classes';
      throw new OptionError({ where: 'Sparc', argument: 'task.classes', expected, received: `${K}` });
    }
    this.#members = membersOf(this.#known, config);
    const reader = readerOf('Sparc', parts);
    const embedded = (names: readonly string[], templates: readonly string[]): ModuleBuffer =>
      embeddingBuffer(names, templates, reader, D);
    this.labels = embedded(this.#known, config.templates);
    this.names = embedded(this.#known, [config.nameTemplate]);
    const { compounds } = config;
    this.compounds = compounds.length > 0 ? embedded(compounds, ['{}']) : undefined;
    const R = mostMembers(this.#members) + 1;
    this.spread = new Sums([K + compounds.length], [K + compounds.length]);
    this.together = new Sums([K, R], [K, R, R]);
    this.directions = new ModuleBuffer(ownAlone(K, R), 'same');
    this.stages = [
      {
        ...gatheringStage({
          name: 'gather',
          epochs: config.epochs,
          onEpochStart: ({ epoch }) => (epoch === 0 ? this.spread : this.together).reset(),
          step: (batch, context) => this.#gather(batch as Batch, context),
          beforeEvaluation: () => this.learn(),
        }),
        mode: ({ epoch }) => (epoch === 0 ? 'spread' : 'together'),
      },
    ];
  }

  /** Computes the first principal direction of each class. It does nothing before the second pass has started. */
  async learn(): Promise<void> {
    const { count, sums, products } = await this.together.read();
    if (count === 0) return;
    const [K, R] = this.directions.shape as [number, number];
    const directions = new Float32Array(K * R);
    for (const [c, { length }] of this.#members.entries()) {
      const size = length + 1;
      const first = R - size;
      if (count <= size) {
        const expected = `more images than the ${size} scores that are merged for "${this.#known[c]}"`;
        throw new OptionError({ where: 'Sparc', argument: 'images', expected, received: `${count}` });
      }
      const covariance = new Float64Array(size * size);
      for (let i = 0; i < size; i++) {
        for (let j = 0; j < size; j++) {
          const [a, b] = [c * R + first + i, c * R + first + j];
          const product = products[a * R + first + j];
          covariance[i * size + j] = (product - (sums[a] * sums[b]) / count) / (count - 1);
        }
      }
      directions.set(principalDirection(covariance, size).direction, c * R + first);
    }
    tf.tidy(() => this.directions.variable.assign(tf.tensor(directions, [K, R])));
  }

  /** Scores of all known classes, with every intermediate result. */
  forward(inputs: tf.Tensor): SparcOutput {
    return tf.tidy(() => {
      const { ensemble: single, compound } = this.#standardized(this.#debiased(inputs));
      const ranked = allRankedScores(single, compound, this.#members);
      const merged = tf.sum<tf.Tensor2D>(tf.mul(ranked, this.directions.variable), 2);
      const { mix } = this.config;
      return { single, merged, score: tf.add<tf.Tensor2D>(tf.mul(merged, mix), tf.mul(single, 1 - mix)) };
    });
  }

  predict(inputs: tf.Tensor): tf.Tensor2D {
    return this.#scores(inputs, this.#taskPlaces);
  }

  /** Scores any of the known classes. @throws OptionError for a label outside the task's classes and `otherClasses` */
  labelScorer(labels: readonly string[]): LabelScorer {
    const places = placesOfLabels('Sparc', this.#known, labels);
    return { predict: (inputs) => this.#scores(inputs, places), dispose() {} };
  }

  #scores(inputs: tf.Tensor, places: readonly number[]): tf.Tensor2D {
    return tf.tidy(() => columnsAt(this.forward(inputs).score, places));
  }

  /** Cosines debiased within each image. */
  #debiased(inputs: tf.Tensor): Debiased {
    const features = this.encoder ? this.encoder.forward(inputs).features : inputs;
    checkShapes('Sparc', { inputs: [features, 'B D'], labels: [this.labels.variable, 'K D'] });
    const unit = l2Normalize(features) as tf.Tensor2D;
    const to = (texts: ModuleBuffer): tf.Tensor2D =>
      tf.matMul(unit, texts.variable as tf.Tensor as tf.Tensor2D, false, true);
    const compound = this.compounds ? to(this.compounds) : tf.zeros<tf.Rank.R2>([unit.shape[0], 0]);
    return debiasImages({ ensemble: to(this.labels), simple: to(this.names), compound });
  }

  /** Standardises debiased cosines with the means and deviations over the training images. */
  #standardized({ ensemble, compound }: Debiased): Debiased {
    const K = this.#known.length;
    const columns = this.spread.columns();
    const own = (first: number, count: number): Columns => ({
      mean: tf.slice(columns.mean, [0, first], [1, count]),
      deviation: tf.slice(columns.deviation, [0, first], [1, count]),
    });
    const M = compound.shape[1];
    return {
      ensemble: standardized(ensemble, own(0, K)),
      compound: M > 0 ? standardized(compound, own(K, M)) : compound,
    };
  }

  #gather({ inputs }: Batch, { epoch }: StepContext): StepResult {
    const debiased = this.#debiased(inputs);
    const { ensemble, compound } = debiased;
    if (epoch === 0) {
      const columns = compound.shape[1] > 0 ? tf.concat([ensemble, compound], 1) : ensemble;
      this.spread.add(columns.shape[0], tf.sum(columns, 0), tf.sum(tf.square(columns), 0));
    } else {
      const scores = this.#standardized(debiased);
      const ranked = tf.transpose(allRankedScores(scores.ensemble, scores.compound, this.#members), [1, 0, 2]);
      this.together.add(ranked.shape[1] as number, tf.sum(ranked, 1), tf.matMul(ranked, ranked, true, false));
    }
    return { loss: tf.zeros<tf.Rank.R0>([]), terms: {} };
  }
}

function membersOf(names: readonly string[], { compounds, renames }: SparcConfig): number[][] {
  const letters = names.map((name) =>
    name
      .toLowerCase()
      .replaceAll(/[^a-z]+/g, ' ')
      .trim(),
  );
  const members: number[][] = names.map(() => []);
  for (const [m, places] of matchClasses(compounds, letters, { renames }).entries()) {
    for (const c of places) members[c].push(m);
  }
  return members;
}

function embeddingBuffer(
  names: readonly string[],
  templates: readonly string[],
  reader: TextReader,
  D: number,
): ModuleBuffer {
  const embeddings = embedNames(names, templates, reader);
  checkShapes('Sparc', { 'parts.textTower': [embeddings, `K ${D}`] });
  return new ModuleBuffer(embeddings, 'same');
}

/** Directions [K, R] that select the score of the class alone. */
function ownAlone(K: number, R: number): tf.Tensor2D {
  return tf.tidy(() => tf.concat([tf.zeros<tf.Rank.R2>([K, R - 1]), tf.ones<tf.Rank.R2>([K, 1])], 1));
}
