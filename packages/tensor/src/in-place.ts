import { activeRecorder, type InPlaceUpdate } from './step-recorder.ts';

/**
 * Updates variables by one op of the engine in a compiled step, by `eager` otherwise.
 *
 * TensorFlow's apply ops of optimisers pass over a parameter and its slots once, where the composed form makes a dozen
 * passes, but they exist for variables inside a graph only.
 *
 * @param eager assigns the same variables the same values, up to rounding
 */
export function updateInPlace(update: InPlaceUpdate, eager: () => void): void {
  const recorder = activeRecorder();
  if (recorder) recorder.updateInPlace(update, eager);
  else eager();
}
