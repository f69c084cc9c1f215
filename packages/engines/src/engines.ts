import { LtmlError, NotSupportedError, OptionError } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { announceAbilities } from './announce.ts';

/** The engines, in the order in which `auto` tries them. */
export const backendNames = ['tensorflow-gpu', 'tensorflow', 'webgpu', 'wasm', 'cpu'] as const;

/** Name of an engine. */
export type BackendName = (typeof backendNames)[number];

/** Why an engine was rejected, and how to fix that. */
export interface Rejection {
  readonly name: BackendName;
  /** Why it does not work here. */
  readonly reason: string;
  /** What the user can do; empty if nothing is known. */
  readonly remedy: string;
}

/** The active engine, and those that `auto` rejected before it. */
export interface BackendChoice {
  readonly name: BackendName;
  /** In the order in which they were tried. */
  readonly rejected: readonly Rejection[];
}

/** Activates one engine, or throws. @param automatic whether the engine is tried by `auto`, not asked for by name */
export type EngineLoader = (automatic: boolean) => Promise<void>;

/**
 * Activates the requested engine. `auto` takes the first of `loaders` that loads and computes correctly.
 *
 * @throws OptionError for an unknown name
 * @throws NotSupportedError with reason and remedy if the requested engine does not work here, or none does
 */
export async function chooseEngine(
  requested: string,
  loaders: Partial<Record<BackendName, EngineLoader>>,
): Promise<BackendChoice> {
  const automatic = requested === 'auto';
  if (!automatic && !isBackendName(requested)) {
    throw new OptionError({
      where: 'useBackend',
      argument: 'name',
      expected: `one of auto, ${backendNames.join(', ')}`,
      received: `"${requested}"`,
    });
  }
  const rejected: Rejection[] = [];
  for (const name of automatic ? backendNames : [requested as BackendName]) {
    try {
      await (loaders[name] ?? notHere(name))(automatic);
      return { name, rejected };
    } catch (error) {
      if (!automatic) throw notSupported(name, error);
      rejected.push(rejection(name, error));
    }
  }
  const [last] = rejected.slice(-1);
  throw notSupported('cpu', last?.reason ?? 'no engine was tried');
}

function isBackendName(name: string): name is BackendName {
  return (backendNames as readonly string[]).includes(name);
}

/** The error of an engine that does not work here, with reason and remedy. */
export function engineError(name: BackendName, reason: string, remedy: string, cause?: unknown): NotSupportedError {
  return new NotSupportedError({
    where: 'useBackend',
    argument: `"${name}"`,
    expected: 'an engine that works on this machine',
    received: reason,
    hint: remedy,
    ...(cause === undefined ? {} : { cause }),
  });
}

/** Activates an engine that is already registered with TensorFlow.js. */
export async function activate(name: string): Promise<void> {
  // If the engine fails to start, setBackend prints the error and returns false.
  if (!(await tf.setBackend(name))) throw new Error(`TensorFlow.js could not start its "${name}" backend`);
  await tf.ready();
  announceAbilities();
}

/** An error as a rejection of an engine. */
export function rejection(name: BackendName, error: unknown): Rejection {
  if (LtmlError.is(error)) return { name, reason: error.received, remedy: error.hint ?? '' };
  return { name, reason: error instanceof Error ? error.message : String(error), remedy: '' };
}

function notSupported(name: BackendName, error: unknown): Error {
  if (LtmlError.is(error)) return error;
  const { reason, remedy } = rejection(name, error);
  return engineError(name, reason, remedy || 'Use another engine, or "auto"', error);
}

function notHere(name: BackendName): EngineLoader {
  return async () => {
    throw engineError(name, 'a browser, where it does not exist: it needs Node', 'Use "webgpu" or "wasm"');
  };
}
