import * as tf from '@tensorflow/tfjs-core';
import { checkNumber, checkOptionNames } from '../check-options.ts';
import { DataError, NotSupportedError } from '../errors.ts';
import { assignHostTensors, readHostTensors, type Stored } from '../host-tensors.ts';
import type { Layout, Module, Parameter } from '../module.ts';
import type { HostTensor } from '../safetensors.ts';
import { mapJoined } from './joined.ts';

export interface EmaOptions {
  /** The part of the average that stays at each update, in [0, 1]; default 0.999. */
  readonly decay?: number;
}

interface Averaged {
  readonly name: string;
  readonly live: tf.Variable;
  readonly average: tf.Variable;
  readonly layout: Layout | undefined;
}

/**
 * Exponential moving average of a module's parameters and buffers, for evaluation:
 * `average ← decay · average + (1 − decay) · value`, from a copy of the module as it is, without bias correction.
 *
 * Buffers of whole numbers (counters, pointers) are copied. Source: Polyak averaging with a fixed decay, as in CPRFL's
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

  /** Moves the averages; to be called after each update of the module. */
  update(): void {
    if (this.#swapped) {
      throw new NotSupportedError({
        where: 'Ema.update',
        argument: 'the module',
        expected: 'trained with its own values',
        received: 'a module that holds the averages',
        hint: 'Call `swap` once more before training goes on.',
      });
    }
    const floats = this.#entries.filter(({ live }) => live.dtype === 'float32');
    moveTowards(
      floats.map(({ average, live }) => [average, live]),
      this.#decay,
    );
    for (const { average, live } of this.#entries) if (live.dtype !== 'float32') average.assign(live);
  }

  /** Exchanges the values of the module with the averages, without a copy; a second call brings them back. */
  swap(): void {
    for (const { live, average } of this.#entries) {
      const held = live.clone();
      live.assign(average);
      average.assign(held);
      held.dispose();
    }
    this.#swapped = !this.#swapped;
  }

  /** The averages on the host, as `exportState` of the module would give them. */
  exportState(): Promise<Map<string, HostTensor>> {
    return readHostTensors(this.#stored());
  }

  /** @throws DataError that lists all missing, unexpected and misshapen tensors; nothing is changed then */
  importState(state: ReadonlyMap<string, HostTensor>): void {
    assignHostTensors('Ema.importState', new Map(this.#stored()), state);
  }

  dispose(): void {
    for (const { average } of this.#entries) average.dispose();
  }

  /** The averages, wherever they are just now. */
  #stored(): [string, Stored][] {
    return this.#entries.map(({ name, live, average, layout }) => [
      name,
      { variable: this.#swapped ? live : average, layout },
    ]);
  }
}

/**
 * Lets the parameters of one module follow those of another of the same structure:
 * `target ← momentum · target + (1 − momentum) · source`. Buffers stay as they are.
 *
 * The momentum encoder of MoCo (He et al. 2020, equation 2) and of DSCL.
 *
 * @throws OptionError for a momentum outside [0, 1], DataError that lists the parameters only one of them has
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
      expected: 'a module with the parameters of target',
      received: `only one of them with ${lonely.join(', ')}`,
    });
  }
  moveTowards(
    [...targets].map(([name, { variable }]) => [variable, (sources.get(name) as Parameter).variable]),
    momentum,
  );
}

function moveTowards(pairs: readonly (readonly [target: tf.Variable, source: tf.Variable])[], decay: number): void {
  tf.tidy(() => {
    // As a step towards the source: a target that has arrived stays where it is, to the last bit.
    const gain = tf.scalar(1 - decay);
    const moved = mapJoined(pairs, ([target, source]) => [
      decay === 0 ? source : tf.add(target, tf.mul(tf.sub(source, target), gain)),
    ]);
    for (const [i, [target]] of pairs.entries()) target.assign(moved[i][0]);
  });
}
