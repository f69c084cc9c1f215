import { activeRecorder, type InPlaceUpdate } from './step-recorder.ts';

/**
 * Updates variables by ops of the engine, one after the other, in a compiled step, and by `eager` otherwise.
 *
 * TensorFlow's apply ops of optimisers pass over a parameter and its slots once, where the composed form makes a dozen
 * passes, but they exist for variables inside a graph only.
 *
 * @param eager assigns the same variables the same values, up to rounding
 */
export function updateInPlace(updates: readonly InPlaceUpdate[], eager: () => void): void {
  const recorder = activeRecorder();
  if (recorder) recorder.updateInPlace(updates, eager);
  else eager();
}
