import { type MixedType, NotSupportedError } from '@ltml/tensor';
import {
  type CompilableStep,
  type CompiledStep,
  type CompileOptions,
  type Compiler,
  compilerKey,
} from '@ltml/tensor/engine';
import * as tf from '@tensorflow/tfjs-core';
import { type EntrySource, FetchedEntry } from './fetched-entry.ts';
import { mixedTypeOf } from './mixed-type.ts';
import type { NativeBackend } from './native-backend.ts';
import { type Recording, record } from './record.ts';
import { StepSession } from './session.ts';
import { Snapshot } from './snapshot.ts';

/** Runs a step for inputs of one signature. */
interface Runner {
  run(args: readonly tf.Tensor[]): Record<string, tf.Tensor>;
  dispose(): void;
}

/** Makes `compile` of `@ltml/tensor` use TensorFlow graphs on this backend. */
export function registerCompiler(backend: NativeBackend): void {
  const mixedType = mixedTypeOf(backend);
  const compiler: Compiler = {
    compile: (step, options) => compileNative(backend, step, options, mixedType),
    mixedType,
    fetchTogether: (tensors) => fetchTogether(backend, tensors),
  };
  Reflect.set(backend, compilerKey, compiler);
  disposeWithoutFetching(backend);
}

/** Fetches tensors with one run per session, instead of one per tensor. */
function fetchTogether(backend: NativeBackend, tensors: readonly tf.Tensor[]): void {
  const wanted = new Map<EntrySource, Set<FetchedEntry>>();
  for (const { dataId } of tensors) {
    const entry = backend.tensorMap.get(dataId);
    if (!(entry instanceof FetchedEntry && entry.isWanted)) continue;
    const entries = wanted.get(entry.source) ?? new Set();
    wanted.set(entry.source, entries.add(entry));
  }
  for (const [source, entries] of wanted) source.fetch([...entries]);
}

/** Without this, the backend would fetch a value from its session only to delete it. */
function disposeWithoutFetching(backend: NativeBackend): void {
  const disposeData = backend.disposeData.bind(backend);
  backend.disposeData = (dataId, force) => {
    const entry = backend.tensorMap.get(dataId);
    if (!(entry instanceof FetchedEntry)) return disposeData(dataId, force);
    return entry.withoutFetching(() => disposeData(dataId, force));
  };
}

function compileNative<Args extends readonly tf.Tensor[], Out extends Record<string, tf.Tensor>>(
  backend: NativeBackend,
  step: CompilableStep<Args, Out>,
  options: CompileOptions,
  mixedType: MixedType | undefined,
): CompiledStep<Args, Out> {
  const mixed = options.precision === 'mixed' ? mixedType : undefined;
  const { name = step.name || 'compile', key = () => '', maxTraces = 8, xla = false, onRetrace, onFallback } = options;
  // In order of last use: a Map keeps insertion order, and each use moves the session to the end.
  const sessions = new Map<string, Runner>();
  let traces = 0;
  let traceMs = 0;

  const eager: Runner = { run: (args) => tf.tidy(() => step(...(args as Args))), dispose: () => undefined };

  /**
   * Records the step and runs the recording. Values computed during recording are thrown away: all results come from
   * runs of the graph. So a resumed process gives the same bits as an uninterrupted one.
   */
  const recordAndRun = (args: Args): { runner: Runner; outputs: Out } => {
    let refusal: Error | undefined;
    const refuse = (error: NotSupportedError): void => {
      if (!onFallback) throw error;
      if (!refusal) onFallback(error);
      refusal = error;
    };
    const before = new Snapshot();
    const start = performance.now();
    try {
      const { recording, outputs } = record(backend, args, () => step(...args), {
        name,
        refuse,
        xla,
        keepValues: onFallback !== undefined,
      });
      const session = refusal ? undefined : load(recording, refuse);
      traceMs += performance.now() - start;
      if (!session) return { runner: eager, outputs };
      tf.dispose(outputs);
      before.restore();
      return {
        runner: session,
        outputs: session.run(
          args,
          recording.hostInputs.map(({ recorded }) => recorded),
        ) as Out,
      };
    } catch (error) {
      before.restore();
      throw error;
    } finally {
      before.dispose();
    }
  };

  const load = (recording: Recording, refuse: (error: NotSupportedError) => void): StepSession | undefined => {
    try {
      return new StepSession(backend, name, recording, mixed);
    } catch (error) {
      if (!NotSupportedError.is(error)) throw error;
      refuse(error);
      return undefined;
    }
  };

  const run = (...args: Args): Out => {
    const signature = [...args.map((arg) => `${arg.dtype}[${arg.shape}]`), key()].join(' ');
    const session = sessions.get(signature);
    if (session) {
      sessions.delete(signature);
      sessions.set(signature, session);
      return session.run(args) as Out;
    }
    if (traces++ > 0) onRetrace?.(`${name}: compiles again, for inputs ${signature}`);
    const { runner, outputs } = recordAndRun(args);
    sessions.set(signature, runner);
    if (sessions.size > maxTraces) {
      const [oldest, forgotten] = sessions.entries().next().value as [string, Runner];
      sessions.delete(oldest);
      forgotten.dispose();
    }
    return outputs;
  };

  const dispose = (): void => {
    for (const session of sessions.values()) session.dispose();
    sessions.clear();
  };
  const compiled = Object.assign(run, { compiled: true, traceMs, dispose });
  return Object.defineProperty(compiled, 'traceMs', { get: () => traceMs });
}
