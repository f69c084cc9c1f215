import * as tf from '@tensorflow/tfjs-core';
import { checkNumber, checkOptionNames } from '../check-options.ts';
import { OptionError } from '../errors.ts';
import type { Gradients } from '../gradients.ts';
import { fromHost } from '../host-input.ts';
import { checkHostTensors, type HostForm, hostForm, readHostTensors, type Stored, toTensor } from '../host-tensors.ts';
import { updateInPlace } from '../in-place.ts';
import type { Parameter } from '../module.ts';
import type { HostTensor } from '../safetensors.ts';
import { type InPlaceUpdate, isRecordingStep } from '../step-recorder.ts';
import { mapJoined } from './joined.ts';
import type { Optimizer, ParameterGroup } from './optimizer.ts';
import type { Rates } from './schedules.ts';
import { type UpdateRow, type VariableUpdater, variableUpdater } from './variable-updater.ts';

/** The rates of one group at one step. */
export interface GroupRates {
  readonly learningRate: number;
  readonly weightDecay: number;
  /** Replaces the optimiser's own momentum if a schedule changes it. */
  readonly momentum: number | undefined;
}

interface Group {
  readonly members: readonly Member[];
  readonly learningRate: number;
  readonly weightDecay: number;
}

/** A parameter with its slots. */
interface Member {
  readonly name: string;
  readonly parameter: Parameter;
  readonly slots: readonly tf.Variable[];
  /** Number of updates so far. */
  steps: number;
}

/** The numbers for one update, on the host. */
export type Coefficients<Coefficient extends string> = Readonly<Record<Coefficient, number>>;

/** The numbers for one update, as scalar tensors. */
export type Scalars<Coefficient extends string> = Readonly<Record<Coefficient, tf.Tensor>>;

/** The properties of a kind of optimiser, besides its formula. */
export interface OptimizerForm<Coefficient extends string> {
  /** Class name, for errors. */
  readonly where: string;
  /** PyTorch's names of the slots, in the order of the rows of an update. A slot starts as zeros. */
  readonly slots: readonly string[];
  readonly coefficients: readonly Coefficient[];
}

/**
 * The common part of the optimisers: groups, slots and their state. Each optimiser adds its formula in two parts:
 * numbers that the host computes at every step, and tensor arithmetic that a compiled step records.
 *
 * An eager step updates all parameters in one call if the engine supports it, otherwise with a chain of kernels.
 */
export abstract class SlotOptimizer<Coefficient extends string> implements Optimizer {
  readonly #form: OptimizerForm<Coefficient>;
  readonly #groups: readonly Group[];

  protected constructor(form: OptimizerForm<Coefficient>, groups: readonly ParameterGroup[]) {
    this.#form = form;
    const entries = groups.map(({ parameters }) => [...parameters]);
    checkGroups(form.where, groups, entries);
    this.#groups = groups.map(({ learningRate, weightDecay = 0 }, i) => ({
      learningRate,
      weightDecay,
      members: entries[i].map(([name, parameter]) => ({
        name,
        parameter,
        slots: this.#makeSlots(parameter),
        steps: 0,
      })),
    }));
  }

  /**
   * The numbers for an update.
   *
   * @param step the number of the update, from 1
   * @param inPlace whether they are for {@link applyOps}
   */
  protected abstract coefficients(step: number, rates: GroupRates, inPlace: boolean): Coefficients<Coefficient>;

  /**
   * Computes [parameter, …slots] after the update from a row [parameter, gradient, …slots], elementwise.
   *
   * @param coefficients as scalar tensors
   * @param decays whether the group has a weight decay other than 0
   */
  protected abstract update(
    row: readonly tf.Tensor[],
    coefficients: Scalars<Coefficient>,
    decays: boolean,
  ): readonly tf.Tensor[];

  /**
   * The same update of all rows in one call of the engine.
   *
   * @param coefficients rounded to float32
   */
  protected abstract updateAll(
    updater: VariableUpdater,
    rows: readonly UpdateRow[],
    coefficients: Coefficients<Coefficient>,
  ): void;

  /**
   * The same update of one parameter with TensorFlow's apply ops, which pass over it and its slots once. Compiled steps
   * use them. Their rounding differs from {@link update} in the last bits.
   */
  protected abstract applyOps(
    variables: readonly [parameter: tf.Variable, ...slots: tf.Variable[]],
    gradient: tf.Tensor,
    coefficients: Scalars<Coefficient>,
    decays: boolean,
  ): readonly InPlaceUpdate[];

  step(gradients: Gradients, rates: Rates | (() => Rates) = { learningRateFactor: 1 }): void {
    // Read now, because a compiled step counts its updates outside of any recording.
    const inPlace = isRecordingStep();
    const updater = inPlace ? undefined : variableUpdater();
    tf.tidy(() => {
      for (const group of this.#groups) {
        const reached = group.members.filter(({ parameter }) => gradients.has(parameter));
        for (const members of groupBy(reached, ({ steps }) => steps).values()) {
          const count = () => this.#count(group, members, typeof rates === 'function' ? rates() : rates, inPlace);
          if (updater) this.updateAll(updater, updateRowsOf(members, gradients), this.#named(count()));
          else this.#update(members, gradients, this.#scalars(count), group.weightDecay !== 0);
        }
      }
    });
  }

  #update(members: readonly Member[], gradients: Gradients, coefficients: Scalars<Coefficient>, decays: boolean): void {
    const rule = (row: readonly tf.Tensor[]) => this.update(row, coefficients, decays);
    const compose = (some: readonly Member[]) => assignRows(some, mapJoined(rowsOf(some, gradients), rule));
    if (!isRecordingStep()) {
      compose(members);
      return;
    }
    for (const member of members) {
      const { parameter, slots } = member;
      const gradient = gradients.get(parameter)!;
      const updates = this.applyOps([parameter.variable, ...slots], gradient, coefficients, decays);
      updateInPlace(updates, () => compose([member]));
    }
  }

  async exportState(): Promise<Map<string, HostTensor>> {
    const state = new Map<string, HostTensor>();
    const slots: [string, Stored][] = [];
    for (const member of this.#members()) {
      if (member.steps === 0) continue;
      state.set(`${member.name}.step`, { dtype: 'I32', shape: [], data: Int32Array.of(member.steps) });
      for (const [i, entry] of this.#entries(member.name).entries()) {
        slots.push([entry, { variable: member.slots[i], layout: member.parameter.layout }]);
      }
    }
    for (const [entry, value] of await readHostTensors(slots)) state.set(entry, value);
    return state;
  }

  importState(state: ReadonlyMap<string, HostTensor>): void {
    this.#checkState(state);
    for (const member of this.#members()) {
      const { name, parameter, slots } = member;
      member.steps = Number(state.get(`${name}.step`)?.data[0] ?? 0);
      for (const [i, entry] of this.#entries(member.name).entries()) {
        const value = state.get(entry);
        // Assigned rather than created, because a compiled step refers to the slots by their variables.
        tf.tidy(() => slots[i].assign(value ? toTensor(value, parameter.layout) : tf.zerosLike(slots[i])));
      }
    }
  }

  dispose(): void {
    for (const { slots } of this.#members()) for (const slot of slots) slot.dispose();
  }

  *#members(): Generator<Member> {
    for (const group of this.#groups) yield* group.members;
  }

  #makeSlots(parameter: Parameter): tf.Variable[] {
    return tf.tidy(() => this.#form.slots.map(() => tf.variable(tf.zeros(parameter.shape), false)));
  }

  /** Names of a parameter's slots in a saved state. */
  #entries(name: string): string[] {
    return this.#form.slots.map((slot) => `${name}.${slot}`);
  }

  /** Counts the update of members at the same step, and computes its coefficients in their order. */
  #count(
    { learningRate, weightDecay }: Group,
    members: readonly Member[],
    { learningRateFactor, learningRate: ofAll, momentum }: Rates,
    inPlace: boolean,
  ): Float32Array {
    const groupRates = { learningRate: ofAll ?? learningRate * learningRateFactor, weightDecay, momentum };
    const coefficients = this.coefficients(members[0].steps + 1, groupRates, inPlace);
    for (const member of members) member.steps++;
    return Float32Array.from(this.#form.coefficients, (name) => coefficients[name]);
  }

  /** Everything that differs between steps happens in `count`, so that a compiled step does it too. */
  #scalars(count: () => Float32Array): Scalars<Coefficient> {
    return this.#named(tf.unstack(fromHost([this.#form.coefficients.length], count)));
  }

  #named<Value>(values: ArrayLike<Value>): Readonly<Record<Coefficient, Value>> {
    const names = this.#form.coefficients;
    return Object.fromEntries(names.map((name, i) => [name, values[i]])) as Record<Coefficient, Value>;
  }

  /** A state must hold all entries of a parameter or none. */
  #checkState(state: ReadonlyMap<string, HostTensor>): void {
    const expected = new Map<string, HostForm>();
    for (const { name, parameter, slots } of this.#members()) {
      const entries = this.#entries(name);
      if (![`${name}.step`, ...entries].some((entry) => state.has(entry))) continue;
      expected.set(`${name}.step`, { shape: [], type: 'int32' });
      for (const [i, entry] of entries.entries()) {
        expected.set(entry, hostForm({ variable: slots[i], layout: parameter.layout }));
      }
    }
    checkHostTensors(`${this.#form.where}.importState`, expected, state);
  }
}

/** The row [parameter, gradient, …slots] of each member. */
function rowsOf(members: readonly Member[], gradients: Gradients): tf.Tensor[][] {
  return members.map(({ parameter, slots }) => [parameter.variable, gradients.get(parameter)!, ...slots]);
}

function updateRowsOf(members: readonly Member[], gradients: Gradients): UpdateRow[] {
  return members.map(({ parameter, slots }) => ({
    variables: [parameter.variable, ...slots],
    gradient: gradients.get(parameter)!,
  }));
}

/** Assigns [parameter, …slots] to each member, and disposes the tensors. */
function assignRows(members: readonly Member[], rows: readonly (readonly tf.Tensor[])[]): void {
  for (const [i, { parameter, slots }] of members.entries()) {
    const [value, ...slotValues] = rows[i];
    parameter.variable.assign(value);
    for (const [j, slot] of slots.entries()) slot.assign(slotValues[j]);
  }
}

function checkGroups(
  where: string,
  groups: readonly ParameterGroup[],
  entries: readonly (readonly (readonly [string, Parameter])[])[],
): void {
  const seen = new Set<unknown>();
  for (const [i, group] of groups.entries()) {
    checkOptionNames(where, group, ['parameters', 'learningRate', 'weightDecay']);
    const { learningRate, weightDecay = 0 } = group;
    checkNumber(where, `groups[${i}].learningRate`, learningRate, { min: 0 });
    checkNumber(where, `groups[${i}].weightDecay`, weightDecay, { min: 0 });
    for (const [name, parameter] of entries[i]) {
      if (seen.has(name) || seen.has(parameter)) {
        throw new OptionError({
          where,
          argument: `groups[${i}].parameters`,
          expected: 'lists where each name and each parameter occurs once',
          received: `"${name}" again`,
        });
      }
      seen.add(name).add(parameter);
    }
  }
  if (seen.size > 0) return;
  throw new OptionError({ where, argument: 'groups', expected: 'at least one parameter in total', received: 'none' });
}

function groupBy<Item, Key>(items: readonly Item[], keyOf: (item: Item) => Key): Map<Key, Item[]> {
  const groups = new Map<Key, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}
