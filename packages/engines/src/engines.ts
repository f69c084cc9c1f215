import { LtmlError, NotSupportedError, OptionError } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { announceAbilities } from './announce.ts';

/** The engines, in the order in which `auto` tries them. */
export const backendNames = ['tensorflow-gpu', 'tensorflow', 'webgpu', 'wasm', 'cpu'] as const;

/** Name of an engine. */
export type BackendName = (typeof backendNames)[number];

/** Why an engine was not taken, and what the user can do about it. */
export interface Rejection {
  readonly name: BackendName;
  readonly reason: string;
  readonly remedy: string;
}

/** The engine that is active now, and those that `auto` tried before it. */
export interface BackendChoice {
  readonly name: BackendName;
  readonly rejected: readonly Rejection[];
}

/** Makes one engine the active one, or throws. `automatic` tells whether the user left the choice to us. */
export type EngineLoader = (automatic: boolean) => Promise<void>;

/**
 * Activates the requested engine, or for `auto` the first of `loaders` that loads and computes correctly.
 *
 * @throws OptionError for a name that is no engine
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

/** An engine's refusal: the reason in words, and the way out. */
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

/** Activates an engine that is registered with TensorFlow.js already. */
export async function activate(name: string): Promise<void> {
  // setBackend prints and returns false where the engine's factory fails.
  if (!(await tf.setBackend(name))) throw new Error(`TensorFlow.js could not start its "${name}" backend`);
  await tf.ready();
  announceAbilities();
}

/** An error as the reason against an engine. */
export function rejection(name: BackendName, error: unknown): Rejection {
  if (LtmlError.is(error)) return { name, reason: error.received, remedy: error.hint ?? '' };
  return { name, reason: error instanceof Error ? error.message : String(error), remedy: '' };
}

function notSupported(name: BackendName, error: unknown): Error {
  if (LtmlError.is(error)) return error;
  const { reason, remedy } = rejection(name, error);
  return engineError(name, reason, remedy || 'Take another engine, or leave the choice to "auto"', error);
}

function notHere(name: BackendName): EngineLoader {
  return async () => {
    throw engineError(name, 'a place where it does not exist: it needs Node', 'Use "webgpu" or "wasm"');
  };
}
