import * as tf from '@tensorflow/tfjs-core';
import { checkNumber, checkOptionNames } from '../check-options.ts';
import { DataError, NotSupportedError } from '../errors.ts';
import { assignHostTensors, readHostTensors, type Stored } from '../host-tensors.ts';
import type { Layout, Module, Parameter } from '../module.ts';
import type { HostTensor } from '../safetensors.ts';
import { mapJoined } from './joined.ts';

/** Options of {@link Ema}. */
export interface EmaOptions {
  /** Share of the old average at each update, in [0, 1]; default 0.999. */
  readonly decay?: number;
}

interface Averaged {
  readonly name: string;
  readonly live: tf.Variable;
  readonly average: tf.Variable;
  readonly layout: Layout | undefined;
}

/**
 * Exponential moving average of a module's parameters and buffers, for evaluation: `average ← decay · average + (1 −
 * decay) · value`. It starts from the module's current values and has no bias correction.
 *
 * Whole-number buffers (counters, pointers) are copied. Source: Polyak averaging with a fixed decay, as in CPRFL's
 * released training loop.
 */
export class Ema {
  readonly #decay: number;
  readonly #entries: readonly Averaged[];
  #swapped = false;

  constructor(module: Module, options: EmaOptions = {}) {
    checkOptionNames('Ema', options, ['decay']);
    const { decay = 0.999 } = options;
    checkNumber('Ema', 'options.decay', decay, { min: 0, max: 1 });
    this.#decay = decay;
    this.#entries = [...module.namedState()].map(([name, state]) => ({
      name,
      live: state.variable,
      average: tf.tidy(() => tf.variable(state.variable.clone(), false)),
      layout: 'layout' in state ? state.layout : undefined,
    }));
  }

  /**
   * Updates the averages. Call it after each update of the module.
   *
   * @throws NotSupportedError after an odd number of swaps
   */
  update(): void {
    if (this.#swapped) {
      throw new NotSupportedError({
        where: 'Ema.update',
        argument: 'the module',
        expected: 'trained with its own values',
        received: 'a module that currently holds the averages',
        hint: 'Call `swap` again before you continue training.',
      });
    }
    const floats = this.#entries.filter(({ live }) => live.dtype === 'float32');
    moveTowards(
      floats.map(({ average, live }) => [average, live]),
      this.#decay,
    );
    for (const { average, live } of this.#entries) if (live.dtype !== 'float32') average.assign(live);
  }

  /** Exchanges the module's values with the averages, without copying; a second call reverses it. */
  swap(): void {
    for (const { live, average } of this.#entries) {
      const held = live.clone();
      live.assign(average);
      average.assign(held);
      held.dispose();
    }
    this.#swapped = !this.#swapped;
  }

  /** The averages on the host, in the form of the module's `exportState`. */
  exportState(): Promise<Map<string, HostTensor>> {
    return readHostTensors(this.#stored());
  }

  /**
   * Sets the averages.
   *
   * @throws DataError listing all missing, unexpected and misshapen tensors; nothing is changed then
   */
  importState(state: ReadonlyMap<string, HostTensor>): void {
    assignHostTensors('Ema.importState', new Map(this.#stored()), state);
  }

  /** Frees the averages. The module keeps its current values. */
  dispose(): void {
    for (const { average } of this.#entries) average.dispose();
  }

  /** The averages, which are in the module after a swap. */
  #stored(): [string, Stored][] {
    return this.#entries.map(({ name, live, average, layout }) => [
      name,
      { variable: this.#swapped ? live : average, layout },
    ]);
  }
}

/**
 * Moves the parameters of one module towards those of another with the same structure: `target ← momentum · target + (1
 * − momentum) · source`. Buffers are not changed.
 *
 * Source: the momentum encoder of MoCo (He et al. 2020, equation 2) and of DSCL.
 *
 * @throws OptionError for a momentum outside [0, 1]; DataError listing the parameters that only one of them has
 */
export function momentumUpdate(target: Module, source: Module, momentum: number): void {
  checkNumber('momentumUpdate', 'momentum', momentum, { min: 0, max: 1 });
  const sources = new Map(source.namedParameters());
  const targets = new Map(target.namedParameters());
  const lonely = [...targets.keys(), ...sources.keys()].filter((name) => !targets.has(name) || !sources.has(name));
  if (lonely.length > 0) {
    throw new DataError({
      where: 'momentumUpdate',
      argument: 'source',
      expected: 'a module with the same parameters as target',
      received: `a difference in ${lonely.join(', ')}`,
    });
  }
  moveTowards(
    [...targets].map(([name, { variable }]) => [variable, (sources.get(name) as Parameter).variable]),
    momentum,
  );
}

function moveTowards(pairs: readonly (readonly [target: tf.Variable, source: tf.Variable])[], decay: number): void {
  tf.tidy(() => {
    // Computed as a step towards the source, so that equal values stay equal to the last bit.
    const gain = tf.scalar(1 - decay);
    const moved = mapJoined(pairs, ([target, source]) => [
      decay === 0 ? source : tf.add(target, tf.mul(tf.sub(source, target), gain)),
    ]);
    for (const [i, [target]] of pairs.entries()) target.assign(moved[i][0]);
  });
}
