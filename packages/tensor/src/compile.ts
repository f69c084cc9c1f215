import * as tf from '@tensorflow/tfjs-core';
import { checkChoice, checkCount, checkFlag, checkOptionNames } from './check-options.ts';

/** A pure function of tensors, of state in variables and of host inputs; it returns named tensors. */
export type CompilableStep<Args extends readonly tf.Tensor[], Out extends Record<string, tf.Tensor>> = (
  ...args: Args
) => Out;

/** What a compiled step computes in; `mixed` uses 16-bit floats where the engine has fast ones. */
export type Precision = 'float32' | 'mixed';

/** The 16-bit floats of an engine: float16 has small numbers down to 6e-8 only, bfloat16 all of float32's with 8 bits. */
export type MixedType = 'float16' | 'bfloat16';

export interface CompileOptions {
  /** What the step is called in errors and announcements. */
  readonly name?: string;
  /**
   * Whatever besides the arguments' shapes and types changes what the step does: its mode, the frozen set. A new key
   * makes a new trace. Default: always the same.
   */
  readonly key?: () => string;
  /** Traces kept; the one used longest ago goes first. Default 8. */
  readonly maxTraces?: number;
  /** Run the step eagerly on every engine, for comparison and for debugging. Default false. */
  readonly eager?: boolean;
  /**
   * Let TensorFlow compile the graph further by XLA, which fuses chains of ops into loops; default false, see
   * docs/compile.md for what it gains and costs. No effect on engines without graphs.
   */
  readonly xla?: boolean;
  /**
   * What convolutions and products of matrices compute in: `float32`, the default, or `mixed`, 16-bit floats where the
   * engine has fast ones, see {@link mixedType}; variables, sums and what is sensitive stay float32. A step with gradients
   * in float16 should scale its loss up. Elsewhere, and eagerly, `mixed` is float32.
   */
  readonly precision?: Precision;
  /** Told once for each trace after the first, with the reason. Default: silent. */
  readonly onRetrace?: (reason: string) => void;
  /**
   * Told when the step can't be a graph; it then runs eagerly, as it is, for arguments of this kind. Default: the error
   * is thrown.
   */
  readonly onFallback?: (error: Error) => void;
}

/** A step that `compile` has wrapped. */
export interface CompiledStep<Args extends readonly tf.Tensor[], Out extends Record<string, tf.Tensor>> {
  /** Runs the step. The caller owns the outputs. */
  (...args: Args): Out;
  /** Whether runs go through a graph; on engines without a compiler they are eager. */
  readonly compiled: boolean;
  /** Milliseconds that recording and loading graphs have taken so far. */
  readonly traceMs: number;
  /** Frees the graphs. Variables keep their newest values. */
  dispose(): void;
}

/** What an engine offers that can compile; it hangs itself up on its backend under {@link compilerKey}. */
export interface Compiler {
  compile<Args extends readonly tf.Tensor[], Out extends Record<string, tf.Tensor>>(
    step: CompilableStep<Args, Out>,
    options: CompileOptions,
  ): CompiledStep<Args, Out>;
  /** What steps of mixed precision compute in; undefined where they compute in float32 all the same. */
  readonly mixedType: MixedType | undefined;
  /** Gets the values of tensors out of the graphs at once, before they are read one by one. */
  fetchTogether(tensors: readonly tf.Tensor[]): void;
}

/** Where an engine registers its compiler, across copies of this package. */
export const compilerKey: symbol = Symbol.for('@ltml/tensor/compiler');

/**
 * A step that is recorded once and then run as one graph of the engine, where the engine has a compiler (the native
 * TensorFlow engines); elsewhere the same step, run eagerly. So a step is written once.
 *
 * Variables that the step reads or assigns live inside the graph between runs. Eager code may read and assign them at
 * any time: values move between graph and variables when they are asked for.
 *
 * A step may not read a tensor back to the host, draw unseeded random numbers, make variables or switch the engine.
 * Values that differ from run to run come in as arguments or through `fromHost`.
 *
 * ```ts
 * const step = compile((x: tf.Tensor, y: tf.Tensor) => ({ loss: trainingStep(x, y) }));
 * const { loss } = step(x, y);
 * ```
 *
 * @throws NotSupportedError (unless `onFallback` is given) from a run that finds in the step what can't be recorded, naming the line
 */
export function compile<Args extends readonly tf.Tensor[], Out extends Record<string, tf.Tensor>>(
  step: CompilableStep<Args, Out>,
  options: CompileOptions = {},
): CompiledStep<Args, Out> {
  checkOptionNames('compile', options, [
    ...['name', 'key', 'maxTraces', 'eager', 'xla', 'precision', 'onRetrace', 'onFallback'],
  ]);
  const { maxTraces = 8, eager: stayEager = false, xla = false, precision = 'float32' } = options;
  checkCount('compile', 'options.maxTraces', maxTraces);
  checkFlag('compile', 'options.eager', stayEager);
  checkFlag('compile', 'options.xla', xla);
  checkChoice('compile', 'options.precision', precision, ['float32', 'mixed']);
  const compiler = activeCompiler();
  if (compiler && !stayEager) return compiler.compile(step, options);
  const eager = (...args: Args): Out => tf.tidy(() => step(...args));
  return Object.assign(eager, { compiled: false, traceMs: 0, dispose: () => undefined });
}

/** Whether {@link compile} makes graphs on the active engine; elsewhere steps run eagerly. */
export function canCompile(): boolean {
  return activeCompiler() !== undefined;
}

/**
 * What compiled steps of mixed precision compute in on the active engine: float16 on a graphics card, bfloat16 on a
 * processor with instructions for it. Undefined elsewhere, where they compute in float32.
 */
export function mixedType(): MixedType | undefined {
  return activeCompiler()?.mixedType;
}

/** Readies tensors to be read to the host: those whose values are in a compiled step are fetched in one run. */
export function fetchTogether(tensors: readonly tf.Tensor[]): void {
  activeCompiler()?.fetchTogether(tensors);
}

function activeCompiler(): Compiler | undefined {
  return Reflect.get(tf.backend(), compilerKey) as Compiler | undefined;
}
