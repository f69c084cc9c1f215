import { asymmetricLoss, partialBinaryCrossEntropy } from '@ltml/losses';
import { fromHost, ModuleBuffer, OptionError, Parameter, type RandomStreams, withoutGradient } from '@ltml/tensor';
import { trainingOf } from '@ltml/tensor/config';
import type {
  Batch,
  Criterion,
  Learner,
  MapEncoder,
  MethodParts,
  NamedParameter,
  ScoreKind,
  Stage,
  StepContext,
  StepResult,
  Task,
} from '@ltml/tensor/contract';
import * as tf from '@tensorflow/tfjs-core';
import { asTaken } from '../as-taken.ts';
import { contrastiveTerm } from '../contrastive-term.ts';
import { classPrototypes } from '../prototypes/class-prototypes.ts';
import { type PrototypeBuffers, refreshPrototypes } from '../prototypes/refresh-prototypes.ts';
import { prototypesDue } from '../schedule.ts';
import { checkSsgrlParts, Ssgrl } from '../ssgrl.ts';
import { classSimilarity, meanDirection } from './class-similarity.ts';
import { CoOccurrence } from './co-occurrence.ts';
import type { TransferConfig } from './config.ts';
import { fallingMargin } from './margin.ts';
import { meanCoOccurrence } from './mean-co-occurrence.ts';
import { pairLabels } from './pair-labels.ts';
import { PositivesQueue } from './positives-queue.ts';
import { prototypeDistance } from './prototype-distance.ts';
import { type PseudoLabels, pseudoLabels } from './pseudo-labels.ts';

/**
 * The parts of a {@link SemanticTransfer} learner, as for SARB. `trainingSet` is needed for prototypes only.
 * `criterion` replaces the partial binary cross-entropy; if it does not accept soft labels, each pseudo-label counts as
 * present.
 */
export type SemanticTransferParts = Omit<MethodParts, 'encoder'> & { readonly encoder?: MapEncoder };

/** The terms of the loss by name. Known labels and pseudo-labels are separate terms. */
type Terms = Record<string, tf.Scalar>;

/**
 * The learner of structured and heterogeneous semantic transfer (SST, HST): SARB's network with pseudo-labels for
 * unknown classes, from epoch `from` on.
 *
 *     L = L(s, y) + w·L(s, ŷ) + w·L(s, ỹ) + co-occurrence + contrastive [+ distance from prototypes]
 *
 * - ŷ are unknown classes that probably appear together with the known positives of the image.
 * - ỹ are unknown classes whose features resemble those of images that are known to show them: the latest features
 *   (SST) or prototypes (HST).
 *
 * Predictions use no pseudo-labels.
 *
 * State names are those of {@link Ssgrl}, `coOccurrence.…`, `queue.…` (or `prototypes` and `prototypeCounts`),
 * `intraMargin` and `interMargin`.
 *
 * Sources: Chen et al. (SST), AAAI 2022; Chen et al. (HST), IJCV 2024.
 */
export class SemanticTransfer extends Ssgrl implements Learner {
  readonly coOccurrence: CoOccurrence | undefined;
  readonly queue: PositivesQueue | undefined;
  /** [C, K, D] */
  readonly prototypes: ModuleBuffer | undefined;
  /** [C] */
  readonly prototypeCounts: ModuleBuffer | undefined;
  /** A scalar. */
  readonly intraMargin: Parameter | undefined;
  /** A scalar. */
  readonly interMargin: Parameter | undefined;
  readonly stages: readonly Stage[];
  readonly scores: ScoreKind;
  readonly #config: TransferConfig;
  readonly #parts: SemanticTransferParts;
  readonly #criterion: Criterion;

  /** @throws OptionError, ShapeError */
  constructor(task: Task, parts: SemanticTransferParts, config: TransferConfig, random: RandomStreams) {
    const where = 'semanticTransfer.create';
    const { features, intra, inter, margin } = config;
    checkSsgrlParts(where, task, parts, config);
    if (inter?.references.name === 'prototypes' && !parts.trainingSet) {
      const expected = 'the training batches, from which prototypes are computed';
      throw new OptionError({ where, argument: 'parts.trainingSet', expected, received: 'nothing' });
    }
    const init = random.stream('init');
    super(task, parts, config, init);
    const classes = task.classes.length;
    // A single class cannot appear together with another.
    if (intra && classes > 1) {
      const { pairFeatures, hiddenFeatures } = intra;
      this.coOccurrence = new CoOccurrence({ classes, features, pairFeatures, hiddenFeatures, random: init });
    }
    if (inter?.references.name === 'queue')
      this.queue = new PositivesQueue({ classes, size: inter.references.size, features });
    if (inter?.references.name === 'prototypes') {
      this.prototypes = new ModuleBuffer(tf.zeros([classes, inter.references.count, features]), 'same');
      this.prototypeCounts = new ModuleBuffer(tf.zeros([classes]), 'same');
    }
    if (margin.name === 'learned') {
      if (this.coOccurrence) this.intraMargin = new Parameter(tf.scalar(margin.start));
      if (inter) this.interMargin = new Parameter(tf.scalar(margin.start));
    }
    this.#config = config;
    this.#parts = parts;
    this.#criterion =
      parts.criterion ?? ((logits, labels, known) => partialBinaryCrossEntropy(logits, labels, { known }));
    this.scores = parts.scores ?? 'sigmoid';
    this.stages = [this.#stage()];
  }

  #step({ inputs, labels, known }: Batch, context: StepContext): StepResult {
    const { from, contrastive } = this.#config;
    const finds = context.epoch >= from;
    if (finds) this.#clampMargins();
    const { features } = this.attend(this.changed(context.gather(this.encode(inputs))));
    const logits = this.classify(features);
    const lossOf = (found: PseudoLabels): tf.Scalar =>
      this.#criterion(logits, asTaken(found.labels, this.#parts), found.known, context.epoch);
    const terms: Terms = { bce: this.#criterion(logits, labels, known, context.epoch) };
    const batch = { features, labels, known };
    this.#intra(terms, batch, finds ? lossOf : undefined, context);
    this.#inter(terms, batch, finds ? lossOf : undefined, context);
    if (contrastive) terms.contrastive = contrastiveTerm(features, labels, known, contrastive, context);
    return { loss: tf.addN(Object.values(terms)), terms };
  }

  #intra(terms: Terms, batch: ClassBatch, lossOf: LossOfFound | undefined, context: StepContext): void {
    const { intra } = this.#config;
    if (!intra || !this.coOccurrence) return;
    const { features, labels, known } = batch;
    const pairs = this.coOccurrence.forward(features);
    const { weight, ...options } = intra.loss;
    const given = pairLabels(labels, known);
    const learned = asymmetricLoss(pairs, given.labels, { ...options, known: given.known, reduction: 'mean' });
    terms.coOccurrence = tf.mul(learned, weight);
    if (!lossOf) return;
    const scores = withoutGradient(() => meanCoOccurrence(tf.sigmoid(pairs), labels, known));
    terms.intra = tf.mul(lossOf(this.#found(scores, known, this.intraMargin, context)), intra.weight);
  }

  #inter(terms: Terms, batch: ClassBatch, lossOf: LossOfFound | undefined, context: StepContext): void {
    const { inter } = this.#config;
    if (!inter) return;
    const { features, labels, known } = batch;
    if (lossOf) {
      const { vectors, counts } = this.queue?.contents() ?? this.#prototypes();
      const similarity = classSimilarity(
        features,
        withoutGradient(() => meanDirection(vectors, counts)),
      );
      terms.inter = tf.mul(lossOf(this.#found(similarity, known, this.interMargin, context)), inter.weight);
      if (inter.references.name === 'prototypes') {
        const counted = tf.mul<tf.Tensor2D>(tf.cast(known, 'float32'), tf.cast(tf.greater(counts, 0), 'float32'));
        terms.distance = tf.mul(prototypeDistance(similarity, labels, counted), inter.references.distance);
      }
    }
    const positives = tf.mul<tf.Tensor2D>(tf.cast(labels, 'float32'), tf.cast(known, 'float32'));
    this.queue?.enqueue(
      withoutGradient(() => tf.clone(features)),
      positives,
    );
  }

  #found(scores: tf.Tensor2D, known: tf.Tensor2D, learned: Parameter | undefined, context: StepContext): PseudoLabels {
    const { margin, from } = this.#config;
    if (margin.name === 'learned') return pseudoLabels(scores, known, learned!.variable, 'soft');
    const now = fromHost([], () => Float32Array.of(fallingMargin(context.epoch, from, margin)));
    return pseudoLabels(scores, known, now, 'hard');
  }

  #prototypes(): { readonly vectors: tf.Tensor3D; readonly counts: tf.Tensor1D } {
    const [vectors, counts] = [this.prototypes!.variable, this.prototypeCounts!.variable] as tf.Tensor[];
    return { vectors: vectors as tf.Tensor3D, counts: counts as tf.Tensor1D };
  }

  async #computePrototypes(context: StepContext): Promise<void> {
    const { from, inter } = this.#config;
    if (inter?.references.name !== 'prototypes') return;
    const { count, every, samples } = inter.references;
    if (!prototypesDue(context.epoch, { from, prototypesEvery: every })) return;
    const classes = this.prototypeCounts!.shape[0];
    const options = { classes, count, samples, random: context.random, round: context.epoch };
    const featuresOf = (inputs: tf.Tensor): tf.Tensor3D => this.attend(this.changed(this.encode(inputs))).features;
    await refreshPrototypes(this, this as PrototypeBuffers, () =>
      classPrototypes(this.#parts.trainingSet!(context), featuresOf, options),
    );
  }

  /** Clips learned margins to [0, 1]. No gradient flows through the clipping. */
  #clampMargins(): void {
    for (const margin of [this.intraMargin, this.interMargin]) {
      margin?.variable.assign(tf.clipByValue(margin.variable, 0, 1));
    }
  }

  #stage(): Stage {
    const { margin, from } = this.#config;
    const { lossReduction } = this.#parts;
    return {
      name: 'train',
      ...trainingOf(this.#config, (parameters, rates) => {
        const own = margin.name === 'learned' ? margin.learningRate : null;
        const isMargin = ([, parameter]: NamedParameter): boolean =>
          parameter === this.intraMargin || parameter === this.interMargin;
        return [
          { ...rates, parameters: parameters.filter((named) => !isMargin(named)) },
          { ...rates, parameters: parameters.filter(isMargin), learningRate: own ?? rates.learningRate },
        ];
      }),
      shares: true,
      step: (batch: Batch, context) => this.#step(batch, context),
      mode: ({ epoch }) => [epoch >= from ? 'finding' : 'plain', this.#criterion.mode?.(epoch) ?? ''].join(' '),
      onEpochStart: (context) => this.#computePrototypes(context),
      ...(lossReduction && { lossReduction }),
    };
  }
}

/** A batch as class features with labels. */
interface ClassBatch {
  /** [B, C, D] */
  readonly features: tf.Tensor3D;
  readonly labels: tf.Tensor2D;
  readonly known: tf.Tensor2D;
}

type LossOfFound = (found: PseudoLabels) => tf.Scalar;
