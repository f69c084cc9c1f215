import * as tf from '@tensorflow/tfjs-core';
import { checkChoice, checkOptionNames } from './check-options.ts';
import { isOfKind, mark } from './mark.ts';

/**
 * The axis order of a weight in PyTorch's files. In memory it has the order of TensorFlow's kernels: `OIHW` becomes [H,
 * W, I, O], and `OI` becomes [I, O]. Without a layout the two orders are the same.
 */
export type Layout = 'OIHW' | 'OI';

/** Options of {@link Parameter}. */
export interface ParameterOptions {
  /** Axis order in PyTorch's files; default the order in memory. */
  readonly layout?: Layout;
}

/** A tensor that training changes. Its name follows from its place in the {@link Module} that holds it. */
export class Parameter {
  /** The values, in memory order. */
  readonly variable: tf.Variable;
  readonly layout: Layout | undefined;
  /** Whether it gets gradients and updates; see {@link Module.freeze}. */
  trainable = true;

  /** @param value initial value in memory order; the parameter owns it @throws OptionError */
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
 * What happens to a buffer if several ranks train one model, each on its share of a batch:
 *
 * - `mean`: each rank updates it with its own images, then all ranks take the mean. For running statistics.
 * - `same`: it is already the same on all ranks. For values from the data set, the weights or whole batches.
 */
export type AcrossRanks = (typeof acrossRanks)[number];

const acrossRanks = ['mean', 'same'] as const;

/** A tensor that is part of the state but is not trained, e.g. a running mean or a queue. */
export class ModuleBuffer {
  /** The values. */
  readonly variable: tf.Variable;
  /** What happens to it if several ranks train one model. */
  readonly acrossRanks: AcrossRanks;

  /** @param value initial value; the buffer owns it @throws OptionError */
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
 * The names are the field names: the field `conv1 = new Conv2d(…)` of the first module in the list `layer4` contains
 * `layer4.0.conv1.weight`. Fields that are parameters, buffers, modules or arrays of modules belong to the state; other
 * fields do not. `#private` fields do not belong to it either: use one to refer to another module without owning it.
 *
 * Members are recognised by a mark, not by `instanceof`, so that two installed copies of this package work together.
 */
export abstract class Module {
  /** The mode, set by {@link train} and {@link eval}; batch norm and dropout read it. */
  training = true;

  constructor() {
    mark(this, 'Module');
  }

  /** The parameters of this module and of all modules below it, by state name, in field order. */
  *namedParameters(): Generator<[name: string, parameter: Parameter]> {
    for (const [name, member] of members(this)) if (isParameter(member)) yield [name, member];
  }

  /** The buffers of this module and of all modules below it, by state name, in field order. */
  *namedBuffers(): Generator<[name: string, buffer: ModuleBuffer]> {
    for (const [name, member] of members(this)) if (isModuleBuffer(member)) yield [name, member];
  }

  /** Parameters and buffers together: the part of a checkpoint that belongs to this module. */
  *namedState(): Generator<[name: string, state: Parameter | ModuleBuffer]> {
    for (const [name, member] of members(this)) if (!isModule(member)) yield [name, member];
  }

  /** This module and all modules below it, by name; its own name is ''. */
  *namedModules(): Generator<[name: string, module: Module]> {
    yield ['', this];
    for (const [name, member] of members(this)) if (isModule(member)) yield [name, member];
  }

  /** Parameters that are not frozen, by state name. */
  *trainableParameters(): Generator<[name: string, parameter: Parameter]> {
    for (const entry of this.namedParameters()) if (entry[1].trainable) yield entry;
  }

  /** Sets training mode for this module and all below, or evaluation mode with `train(false)`. */
  train(training: boolean = true): this {
    for (const [, module] of this.namedModules()) module.training = training;
    return this;
  }

  /** Sets evaluation mode for this module and all below. */
  eval(): this {
    return this.train(false);
  }

  /** Freezes every parameter whose state name matches. @returns how many matched */
  freeze(pattern: RegExp = /^/): number {
    return this.#setTrainable(pattern, false);
  }

  /** Unfreezes every parameter whose state name matches. @returns how many matched */
  unfreeze(pattern: RegExp = /^/): number {
    return this.#setTrainable(pattern, true);
  }

  /** Frees the parameters and buffers of this module and of all modules below it. */
  dispose(): void {
    for (const [, state] of this.namedState()) state.dispose();
  }

  #setTrainable(pattern: RegExp, trainable: boolean): number {
    let matched = 0;
    for (const [name, parameter] of this.namedParameters()) {
      // Not `test`, which continues after its last match if the pattern is global.
      if (name.search(pattern) < 0) continue;
      parameter.trainable = trainable;
      matched++;
    }
    return matched;
  }
}

/** Whether a value is a {@link Module} of this or another installed copy of this package. */
export function isModule(value: unknown): value is Module {
  return isOfKind(value, 'Module');
}

/** Whether a value is a {@link Parameter} of this or another installed copy of this package. */
export function isParameter(value: unknown): value is Parameter {
  return isOfKind(value, 'Parameter');
}

/** Whether a value is a {@link ModuleBuffer} of this or another installed copy of this package. */
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
