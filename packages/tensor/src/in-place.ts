import { activeRecorder, type InPlaceUpdate } from './step-recorder.ts';

/**
 * Updates variables: in a compiled step with the engine's ops, one after the other; otherwise by `eager`.
 *
 * TensorFlow's apply ops of optimisers pass over a parameter and its slots once, while composed ops take a dozen
 * passes. They exist only for variables inside a graph.
 *
 * @param eager assigns the same values to the same variables, up to rounding
 */
export function updateInPlace(updates: readonly InPlaceUpdate[], eager: () => void): void {
  const recorder = activeRecorder();
  if (recorder) recorder.updateInPlace(updates, eager);
  else eager();
}
