import * as tf from '@tensorflow/tfjs-core';
import { checkNumber, checkOptionNames } from '../check-options.ts';
import type { InPlaceUpdate } from '../step-recorder.ts';
import type { ParameterGroup } from './optimizer.ts';
import { type Coefficients, type GroupRates, type Scalars, SlotOptimizer } from './slot-optimizer.ts';
import type { UpdateRow, VariableUpdater } from './variable-updater.ts';

/** Options of {@link Adam} and {@link AdamW}. */
export interface AdamOptions {
  /** β₁ in [0, 1), the decay of the first moment; default 0.9. */
  readonly beta1?: number;
  /** β₂ in [0, 1), the decay of the second moment; default 0.999. */
  readonly beta2?: number;
  /** ε ≥ 0, added outside the square root; default 1e-8. */
  readonly epsilon?: number;
}

const coefficientNames = [
  'beta1',
  'gain1',
  'beta2',
  'gain2',
  'stepSize',
  'offset',
  'coupled',
  'kept',
  'shrinkage',
] as const;
type Coefficient = (typeof coefficientNames)[number];

/** Adam and AdamW, which differ in how the weight decay is applied. */
abstract class MomentOptimizer extends SlotOptimizer<Coefficient> {
  readonly #options: Required<AdamOptions>;
  readonly #decoupled: boolean;

  protected constructor(where: string, groups: readonly ParameterGroup[], options: AdamOptions, decoupled: boolean) {
    const resolved = resolveOptions(where, options);
    const slots = ['exp_avg', 'exp_avg_sq'];
    super({ where, slots, coefficients: coefficientNames }, groups);
    this.#options = resolved;
    this.#decoupled = decoupled;
  }

  /**
   * Both bias corrections are moved from the tensors into the step size and ε, with c = √(1 − β₂ᵗ):
   * `η / (1 − β₁ᵗ) · m / (√v / c + ε) = (η c / (1 − β₁ᵗ)) · m / (√v + ε c)`.
   *
   * TensorFlow's op computes 1 − β from the rounded β (for 0.999 that is 1.3e-5 off), so its corrections must do the
   * same.
   */
  protected override coefficients(step: number, rates: GroupRates, inPlace: boolean): Coefficients<Coefficient> {
    const { epsilon } = this.#options;
    const { learningRate, weightDecay, momentum = this.#options.beta1 } = rates;
    const [beta1, beta2] = [momentum, this.#options.beta2].map((beta) => (inPlace ? Math.fround(beta) : beta));
    const correction = Math.sqrt(1 - beta2 ** step);
    return {
      beta1,
      gain1: 1 - beta1,
      beta2,
      gain2: 1 - beta2,
      stepSize: (learningRate * correction) / (1 - beta1 ** step),
      offset: epsilon * correction,
      coupled: this.#decoupled ? 0 : weightDecay,
      kept: this.#decoupled ? 1 - learningRate * weightDecay : 1,
      shrinkage: this.#decoupled ? learningRate * weightDecay : 0,
    };
  }

  protected override update(
    [parameter, gradient, firstMoment, secondMoment]: readonly tf.Tensor[],
    { beta1, gain1, beta2, gain2, stepSize, offset, coupled, kept }: Scalars<Coefficient>,
    decays: boolean,
  ): readonly tf.Tensor[] {
    const g = decays && !this.#decoupled ? tf.add(gradient, tf.mul(parameter, coupled)) : gradient;
    const p = decays && this.#decoupled ? tf.mul(parameter, kept) : parameter;
    const m = tf.add(tf.mul(firstMoment, beta1), tf.mul(g, gain1));
    const v = tf.add(tf.mul(secondMoment, beta2), tf.mul(tf.square(g), gain2));
    const direction = tf.div(m, tf.add(tf.sqrt(v), offset));
    return [tf.sub(p, tf.mul(direction, stepSize)), m, v];
  }

  protected override updateAll(
    updater: VariableUpdater,
    rows: readonly UpdateRow[],
    coefficients: Coefficients<Coefficient>,
  ): void {
    updater.adam(rows, coefficients);
  }

  protected override applyOps(
    [parameter, ...moments]: readonly [tf.Variable, ...tf.Variable[]],
    gradient: tf.Tensor,
    { beta1, beta2, stepSize, offset, coupled, shrinkage }: Scalars<Coefficient>,
    decays: boolean,
  ): readonly InPlaceUpdate[] {
    const g = decays && !this.#decoupled ? tf.add(gradient, tf.mul(parameter, coupled)) : gradient;
    // With powers of β set to 0, TensorFlow's own bias corrections are 1; ours are in the step size and the offset.
    const noPower = tf.scalar(0);
    const inputs = [noPower, noPower, stepSize, beta1, beta2, offset, g];
    const adam: InPlaceUpdate = { op: 'ResourceApplyAdam', variables: [parameter, ...moments], inputs };
    if (!decays || !this.#decoupled) return [adam];
    return [{ op: 'ResourceApplyGradientDescent', variables: [parameter], inputs: [shrinkage, parameter] }, adam];
  }
}

/**
 * Adam with coupled L2 weight decay, as PyTorch's `Adam`: the decay λ is added to the gradient before the moments.
 *
 * With gradient g, learning rate η and step t (from 1, counted for each parameter):
 *
 * ```text
 * g ← g + λ p
 * m ← β₁ m + (1 − β₁) g
 * v ← β₂ v + (1 − β₂) g²
 * p ← p − η · m / (1 − β₁ᵗ) / (√(v / (1 − β₂ᵗ)) + ε)
 * ```
 *
 * If a schedule changes β₁, the bias correction uses the current β₁ to the power t, as PyTorch does.
 *
 * Source: Kingma and Ba 2015, algorithm 1.
 */
export class Adam extends MomentOptimizer {
  constructor(groups: readonly ParameterGroup[], options: AdamOptions = {}) {
    super('Adam', groups, options, false);
  }
}

/**
 * AdamW, as PyTorch's: {@link Adam} with decoupled weight decay. `p ← p (1 − η λ)` comes first, and g stays unchanged.
 *
 * Source: Loshchilov and Hutter 2019, algorithm 2 with η for both rates.
 */
export class AdamW extends MomentOptimizer {
  constructor(groups: readonly ParameterGroup[], options: AdamOptions = {}) {
    super('AdamW', groups, options, true);
  }
}

function resolveOptions(where: string, options: AdamOptions): Required<AdamOptions> {
  checkOptionNames(where, options, ['beta1', 'beta2', 'epsilon']);
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = options;
  checkNumber(where, 'options.beta1', beta1, { min: 0, below: 1 });
  checkNumber(where, 'options.beta2', beta2, { min: 0, below: 1 });
  checkNumber(where, 'options.epsilon', epsilon, { min: 0 });
  return { beta1, beta2, epsilon };
}
