import { checkCount, checkOptionNames, checkShapes, Module, ModuleBuffer } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { type ClassFrequencies, checkedCounts, type FrequencyOptions } from '../weights/statistics.ts';
import {
  type ReflectiveLabelCorrectionOptions,
  type ReflectLabelsOptions,
  reflectiveLabelCorrection,
  reflectLabels,
} from './reflective-label-correction.ts';

/** Options of {@link LabelCorrection}. */
export interface LabelCorrectionOptions
  extends FrequencyOptions,
    Omit<ReflectLabelsOptions, 'epoch' | 'known'>,
    Omit<ReflectiveLabelCorrectionOptions, 'known' | 'checkFinite'> {}

/**
 * Reflective label correction as a module: {@link reflectLabels} and {@link reflectiveLabelCorrection} with their
 * memory as state, so that a checkpoint contains it.
 *
 * State: `counts` [C], the positives of each class, labelled or found so far in the epoch; `epoch`, a scalar, the epoch
 * of the last corrected batch.
 *
 * Source: the code of COMIC (Zhang et al., ICCV 2023).
 */
export class LabelCorrection extends Module {
  readonly counts: ModuleBuffer;
  readonly epoch: ModuleBuffer;
  readonly #initial: Float32Array;
  readonly #options: LabelCorrectionOptions;

  /**
   * @param statistics class counts of the training set
   * @throws DataError if an n_i is not in [1, N]; OptionError when a loss is computed
   */
  constructor(statistics: ClassFrequencies, options: LabelCorrectionOptions = {}) {
    super();
    const { clampCounts = false, ...rest } = options;
    const classes = statistics.classCounts.length;
    this.#initial = Float32Array.from(checkedCounts('LabelCorrection', statistics, classes, 'N', { clampCounts }));
    this.#options = rest;
    this.counts = new ModuleBuffer(tf.tensor1d(this.#initial), 'same');
    this.epoch = new ModuleBuffer(tf.scalar(0), 'same');
  }

  /**
   * The loss of a batch, in nats. It updates the state with the batch.
   *
   * @param logits [B, C] raw scores
   * @param labels [B, C] 1 present, 0 absent
   * @param options `epoch`, the current epoch; `known` [B, C] 1 known, 0 not
   * @returns a scalar; 0 before `computeEpoch`
   * @throws OptionError, ShapeError; DataError on labels other than 0 and 1
   */
  loss(logits: tf.Tensor2D, labels: tf.Tensor2D, options: Pick<ReflectLabelsOptions, 'epoch' | 'known'>): tf.Scalar {
    const where = 'LabelCorrection.loss';
    checkOptionNames(where, options, ['epoch', 'known']);
    const { epoch, known } = options;
    checkCount(where, 'options.epoch', epoch, { min: 0 });
    checkShapes(where, { logits: [logits, `B ${this.#initial.length}`] });
    const { computeEpoch, threshold, margin, ...focal } = this.#options;
    const given = { ...(known && { known }), ...(margin !== undefined && { margin }) };
    return tf.tidy(() => {
      const initial = tf.tensor1d(this.#initial);
      // Only a running step knows the epoch of the last batch, so it is a tensor.
      const later = tf.cast(tf.less(this.epoch.variable, epoch), 'float32');
      const counts = tf.add<tf.Tensor1D>(this.counts.variable, tf.mul(later, tf.sub(initial, this.counts.variable)));
      const when = {
        ...(computeEpoch !== undefined && { computeEpoch }),
        ...(threshold !== undefined && { threshold }),
      };
      const reflected = reflectLabels(logits, labels, { initial, counts, epoch }, { ...given, ...when, epoch });
      if (reflected.corrected) {
        this.counts.variable.assign(reflected.state.counts);
        this.epoch.variable.assign(tf.scalar(epoch));
      }
      return reflectiveLabelCorrection(logits, labels, reflected, { ...given, ...focal });
    });
  }
}
