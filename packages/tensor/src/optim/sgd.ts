import * as tf from '@tensorflow/tfjs-core';
import { checkFlag, checkNumber, checkOptionNames } from '../check-options.ts';
import { OptionError } from '../errors.ts';
import type { InPlaceUpdate } from '../step-recorder.ts';
import type { ParameterGroup } from './optimizer.ts';
import { type Coefficients, type GroupRates, type Scalars, SlotOptimizer } from './slot-optimizer.ts';
import type { UpdateRow, VariableUpdater } from './variable-updater.ts';

/** Options of {@link Sgd}. */
export interface SgdOptions {
  /** μ ≥ 0, default 0. */
  readonly momentum?: number;
  /** τ ≥ 0, the fraction of the gradient that the momentum leaves out after the first step; default 0. */
  readonly dampening?: number;
  /** Nesterov momentum; needs a momentum above 0 and no dampening. Default false. */
  readonly nesterov?: boolean;
}

const coefficientNames = ['learningRate', 'weightDecay', 'momentum', 'gain', 'pull'] as const;
type Coefficient = (typeof coefficientNames)[number];

/**
 * Stochastic gradient descent with momentum and coupled L2 weight decay, as PyTorch's `SGD`.
 *
 * With gradient g, weight decay λ and learning rate η:
 *
 * ```text
 * g ← g + λ p
 * v ← μ v + (1 − τ) g, at the first step v ← g
 * p ← p − η v, with Nesterov p ← p − η (g + μ v)
 * ```
 *
 * η is outside the momentum (inside it in Sutskever et al. 2013), so a change of η takes effect at once.
 */
export class Sgd extends SlotOptimizer<Coefficient> {
  readonly #momentum: number;
  readonly #dampening: number;
  readonly #nesterov: boolean;

  constructor(groups: readonly ParameterGroup[], options: SgdOptions = {}) {
    checkOptionNames('Sgd', options, ['momentum', 'dampening', 'nesterov']);
    const { momentum = 0, dampening = 0, nesterov = false } = options;
    checkNumber('Sgd', 'options.momentum', momentum, { min: 0 });
    checkNumber('Sgd', 'options.dampening', dampening, { min: 0 });
    checkFlag('Sgd', 'options.nesterov', nesterov);
    if (nesterov && (momentum === 0 || dampening !== 0)) {
      throw new OptionError({
        where: 'Sgd',
        argument: 'options.nesterov',
        expected: 'combined with a momentum above 0 and no dampening',
        received: `momentum ${momentum}, dampening ${dampening}`,
      });
    }
    const slots = momentum === 0 ? [] : ['momentum_buffer'];
    super({ where: 'Sgd', slots, coefficients: coefficientNames }, groups);
    this.#momentum = momentum;
    this.#dampening = dampening;
    this.#nesterov = nesterov;
  }

  protected override coefficients(step: number, rates: GroupRates): Coefficients<Coefficient> {
    const { learningRate, weightDecay, momentum = this.#momentum } = rates;
    if (momentum !== 0 && this.#momentum === 0) {
      throw new OptionError({
        where: 'Sgd.step',
        argument: 'rates.momentum',
        expected: 'left out, because the optimiser was built without momentum',
        received: `${momentum}`,
      });
    }
    const gain = step === 1 ? 1 : 1 - this.#dampening;
    // The velocity's share of the weight decay, before the momentum multiplies it. It stays finite if a schedule lowers
    // the momentum to 0.
    const pull = (-gain * weightDecay) / Math.max(momentum, 1e-12);
    return { learningRate, weightDecay, momentum, gain, pull };
  }

  protected override update(
    [parameter, gradient, velocity]: readonly tf.Tensor[],
    { learningRate, weightDecay, momentum, gain }: Scalars<Coefficient>,
    decays: boolean,
  ): readonly tf.Tensor[] {
    const g = decays ? tf.add(gradient, tf.mul(parameter, weightDecay)) : gradient;
    if (!velocity) return [tf.sub(parameter, tf.mul(g, learningRate))];
    const v = tf.add(tf.mul(velocity, momentum), this.#dampening === 0 ? g : tf.mul(g, gain));
    const direction = this.#nesterov ? tf.add(g, tf.mul(v, momentum)) : v;
    return [tf.sub(parameter, tf.mul(direction, learningRate)), v];
  }

  protected override updateAll(
    updater: VariableUpdater,
    rows: readonly UpdateRow[],
    coefficients: Coefficients<Coefficient>,
  ): void {
    updater.sgd(rows, { ...coefficients, nesterov: this.#nesterov });
  }

  protected override applyOps(
    [parameter, velocity]: readonly [tf.Variable, ...tf.Variable[]],
    gradient: tf.Tensor,
    { learningRate, weightDecay, momentum, gain, pull }: Scalars<Coefficient>,
    decays: boolean,
  ): readonly InPlaceUpdate[] {
    const descend = 'ResourceApplyGradientDescent';
    const whole = (): tf.Tensor => (decays ? tf.add(gradient, tf.mul(parameter, weightDecay)) : gradient);
    if (!velocity) return [{ op: descend, variables: [parameter], inputs: [learningRate, whole()] }];
    const op = 'ResourceApplyMomentum';
    const variables = [parameter, velocity];
    if (this.#nesterov) {
      return [{ op, variables, inputs: [learningRate, whole(), momentum], attributes: { use_nesterov: true } }];
    }
    const gained = this.#dampening === 0 ? gradient : tf.mul(gradient, gain);
    const apply: InPlaceUpdate = { op, variables, inputs: [learningRate, gained, momentum] };
    // v ← μ (v + (1 − τ) λ / μ · p) + (1 − τ) g: the decay is added to the velocity in place, without a tensor for g +
    // λ p.
    return decays ? [{ op: descend, variables: [velocity], inputs: [pull, parameter] }, apply] : [apply];
  }
}
