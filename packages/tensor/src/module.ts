import * as tf from '@tensorflow/tfjs-core';
import { checkChoice, checkOptionNames } from './check-options.ts';
import { isOfKind, mark } from './mark.ts';

/**
 * The axis order a weight has in PyTorch's files. In memory it has the order TensorFlow's kernels want:
 * `OIHW` becomes [H, W, I, O], `OI` becomes [I, O]. Without a layout both are the same.
 */
export type Layout = 'OIHW' | 'OI';

export interface ParameterOptions {
  readonly layout?: Layout;
}

/** A tensor that training changes. Its name is its place in the {@link Module} that holds it. */
export class Parameter {
  readonly variable: tf.Variable;
  readonly layout: Layout | undefined;
  /** Whether gradients and updates reach it; see {@link Module.freeze}. */
  trainable = true;

  /** Takes over `value`, in memory order; the caller need not dispose of it. */
  constructor(value: tf.Tensor, options: ParameterOptions = {}) {
    mark(this, 'Parameter');
    checkOptionNames('Parameter', options, ['layout']);
    if (options.layout !== undefined) checkChoice('Parameter', 'options.layout', options.layout, ['OIHW', 'OI']);
    this.variable = tf.variable(value);
    this.layout = options.layout;
    value.dispose();
  }

  get shape(): number[] {
    return this.variable.shape;
  }

  dispose(): void {
    this.variable.dispose();
  }
}

/**
 * What becomes of a buffer where several ranks train one model, each on its share of a batch:
 *
 * - `mean`: each rank moves it by its own images, then all take the mean. Running statistics.
 * - `same`: it is the same on all ranks as it is. What comes from the data set, from the weights, or from whole batches.
 */
export type AcrossRanks = (typeof acrossRanks)[number];

const acrossRanks = ['mean', 'same'] as const;

/** A tensor that is part of the state but not trained, such as a running mean or a queue. */
export class ModuleBuffer {
  readonly variable: tf.Variable;
  readonly acrossRanks: AcrossRanks;

  /** Takes over `value`. */
  constructor(value: tf.Tensor, ranks: AcrossRanks) {
    mark(this, 'ModuleBuffer');
    checkChoice('ModuleBuffer', 'ranks', ranks, acrossRanks);
    this.acrossRanks = ranks;
    this.variable = tf.variable(value, false);
    value.dispose();
  }

  get shape(): number[] {
    return this.variable.shape;
  }

  dispose(): void {
    this.variable.dispose();
  }
}

/**
 * A tree of parameters and buffers with PyTorch's state names.
 *
 * The fields are the names: a field `conv1 = new Conv2d(…)` of a module in the list `layer4` holds
 * `layer4.0.conv1.weight`. Fields that are parameters, buffers, modules, or arrays of modules belong to the state;
 * everything else is left alone. Fields in `#private` do not belong to it either, which is how a module refers to
 * another one without owning it.
 *
 * Members are recognised by a mark and not by `instanceof`, so that two installed copies of this package work together.
 */
export abstract class Module {
  /** Set by {@link train} and {@link eval}; batch norm and dropout read it. */
  training = true;

  constructor() {
    mark(this, 'Module');
  }

  /** Own parameters and those of all modules below, by state name, in field order. */
  *namedParameters(): Generator<[name: string, parameter: Parameter]> {
    for (const [name, member] of members(this)) if (isParameter(member)) yield [name, member];
  }

  /** Likewise the buffers. */
  *namedBuffers(): Generator<[name: string, buffer: ModuleBuffer]> {
    for (const [name, member] of members(this)) if (isModuleBuffer(member)) yield [name, member];
  }

  /** Parameters and buffers together: what a checkpoint of this module holds. */
  *namedState(): Generator<[name: string, state: Parameter | ModuleBuffer]> {
    for (const [name, member] of members(this)) if (!isModule(member)) yield [name, member];
  }

  /** This module and all below it, by name; its own name is ''. */
  *namedModules(): Generator<[name: string, module: Module]> {
    yield ['', this];
    for (const [name, member] of members(this)) if (isModule(member)) yield [name, member];
  }

  /** Parameters that training may change, by state name. */
  *trainableParameters(): Generator<[name: string, parameter: Parameter]> {
    for (const entry of this.namedParameters()) if (entry[1].trainable) yield entry;
  }

  /** Training mode for this module and all below, or evaluation mode with `train(false)`. */
  train(training: boolean = true): this {
    for (const [, module] of this.namedModules()) module.training = training;
    return this;
  }

  /** Evaluation mode for this module and all below. */
  eval(): this {
    return this.train(false);
  }

  /** Stops training of every parameter whose state name matches, and returns how many matched. */
  freeze(pattern: RegExp = /^/): number {
    return this.#setTrainable(pattern, false);
  }

  /** Lets parameters whose state name matches train again, and returns how many matched. */
  unfreeze(pattern: RegExp = /^/): number {
    return this.#setTrainable(pattern, true);
  }

  dispose(): void {
    for (const [, state] of this.namedState()) state.dispose();
  }

  #setTrainable(pattern: RegExp, trainable: boolean): number {
    let matched = 0;
    for (const [name, parameter] of this.namedParameters()) {
      // Not `test`, which goes on from its last match if the pattern is global.
      if (name.search(pattern) < 0) continue;
      parameter.trainable = trainable;
      matched++;
    }
    return matched;
  }
}

/** Whether it is a {@link Module}, of this or another installed copy of this package. */
export function isModule(value: unknown): value is Module {
  return isOfKind(value, 'Module');
}

/** Likewise a {@link Parameter}. */
export function isParameter(value: unknown): value is Parameter {
  return isOfKind(value, 'Parameter');
}

/** Likewise a {@link ModuleBuffer}. */
export function isModuleBuffer(value: unknown): value is ModuleBuffer {
  return isOfKind(value, 'ModuleBuffer');
}

type Member = Parameter | ModuleBuffer | Module;

function* members(module: Module, prefix = ''): Generator<[name: string, member: Member]> {
  for (const [field, value] of Object.entries(module)) {
    if (isMember(value)) yield* expand(`${prefix}${field}`, value);
    else if (Array.isArray(value)) {
      for (const [i, item] of value.entries()) if (isMember(item)) yield* expand(`${prefix}${field}.${i}`, item);
    }
  }
}

function* expand(name: string, member: Member): Generator<[name: string, member: Member]> {
  yield [name, member];
  if (isModule(member)) yield* members(member, `${name}.`);
}

function isMember(value: unknown): value is Member {
  return isParameter(value) || isModuleBuffer(value) || isModule(value);
}
