import * as tf from '@tensorflow/tfjs-core';
import { checkChoice, checkCount, checkFlag, checkOptionNames } from './check-options.ts';

/** A pure function of tensors, state variables and host inputs that returns tensors by name. */
export type CompilableStep<Args extends readonly tf.Tensor[], Out extends Record<string, tf.Tensor>> = (
  ...args: Args
) => Out;

/** The number format in which a compiled step computes. */
export type Precision = 'float32' | 'mixed';

/** A 16-bit float format: float16 underflows below 6e-8; bfloat16 has float32's range with 8 bits of precision. */
export type MixedType = 'float16' | 'bfloat16';

/** Options of {@link compile}. */
export interface CompileOptions {
  /** Name of the step in errors and messages; useful with several steps. */
  readonly name?: string;
  /**
   * Describes everything besides the arguments' shapes and dtypes that changes what the step does, e.g. its mode or the
   * set of frozen parameters. A new key records a new graph. Default: a constant key.
   */
  readonly key?: () => string;
  /** Largest number of recorded graphs to keep, from 1; default 8. The least recently used one is dropped first. */
  readonly maxTraces?: number;
  /** Runs the step eagerly on every engine, to compare and to debug. Default false. */
  readonly eager?: boolean;
  /**
   * Compiles the graph with XLA as well, which fuses chains of ops into loops; default false. See docs/compile.md for
   * gains and costs. It has no effect on engines without graphs.
   */
  readonly xla?: boolean;
  /**
   * Number format of convolutions and matrix multiplications. `float32` is the default. `mixed` uses 16-bit floats on
   * engines that have fast ones (see {@link mixedType}), and float32 elsewhere and in eager steps. Variables, sums and
   * numerically sensitive ops stay float32. With float16, scale up the loss of a step that computes gradients.
   */
  readonly precision?: Precision;
  /** Called with the reason for each recording after the first. Default: not reported. */
  readonly onRetrace?: (reason: string) => void;
  /**
   * Called if the step cannot become a graph. The step then runs eagerly for arguments of this kind. Default: the error
   * is thrown.
   */
  readonly onFallback?: (error: Error) => void;
}

/** The result of {@link compile}: a function with the arguments of the step. */
export interface CompiledStep<Args extends readonly tf.Tensor[], Out extends Record<string, tf.Tensor>> {
  /** Runs the step. The caller owns the outputs. */
  (...args: Args): Out;
  /** Whether runs use a graph. Without a compiler on the engine, they are eager. */
  readonly compiled: boolean;
  /** Milliseconds spent so far on recording and loading graphs. */
  readonly traceMs: number;
  /** Frees the graphs. Variables keep their latest values. */
  dispose(): void;
}

/** The compiler of an engine. The engine stores it on its backend under {@link compilerKey}. */
export interface Compiler {
  compile<Args extends readonly tf.Tensor[], Out extends Record<string, tf.Tensor>>(
    step: CompilableStep<Args, Out>,
    options: CompileOptions,
  ): CompiledStep<Args, Out>;
  /** The number format of steps with mixed precision; undefined if they compute in float32. */
  readonly mixedType: MixedType | undefined;
  /** Copies the values of tensors out of the graphs in one call, before the tensors are read one by one. */
  fetchTogether(tensors: readonly tf.Tensor[]): void;
}

/** The property of a backend that holds its {@link Compiler}. */
export const compilerKey: symbol = Symbol.for('@ltml/tensor/compiler');

/**
 * Compiles a step: it is recorded once and then runs as one graph, if the engine has a compiler (the native TensorFlow
 * engines). On other engines the same step runs eagerly.
 *
 * Variables that the step reads or assigns live inside the graph between runs. Eager code may read and assign them at
 * any time; their values are then copied between graph and variable.
 *
 * A step must not read a tensor back to the host, draw unseeded random numbers, create variables or switch the engine.
 * Pass values that change from run to run as arguments or through `fromHost`.
 *
 * ```ts
 * const step = compile((x: tf.Tensor, y: tf.Tensor) => ({ loss: trainingStep(x, y) }));
 * const { loss } = step(x, y);
 * ```
 *
 * @throws OptionError on bad options. A run throws NotSupportedError, naming the line, if the step does something that
 *   cannot be recorded and `onFallback` is left out
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

/** Whether {@link compile} makes graphs on the active engine; on other engines steps run eagerly. */
export function canCompile(): boolean {
  return activeCompiler() !== undefined;
}

/**
 * The 16-bit format of compiled steps with mixed precision on the active engine: float16 on a GPU, bfloat16 on a CPU
 * with instructions for it. Undefined on other engines, which compute in float32.
 */
export function mixedType(): MixedType | undefined {
  return activeCompiler()?.mixedType;
}

/** Prepares tensors for reading: those whose values are in a compiled step are fetched together in one run. */
export function fetchTogether(tensors: readonly tf.Tensor[]): void {
  activeCompiler()?.fetchTogether(tensors);
}

function activeCompiler(): Compiler | undefined {
  return Reflect.get(tf.backend(), compilerKey) as Compiler | undefined;
}
