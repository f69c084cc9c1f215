import { checkChoice } from '@ltml/tensor';

/** Options that say which epoch's weights are kept, and when to stop early. */
export interface SelectionOptions {
  /** Name of a validation metric, e.g. `mAP`. */
  readonly metric: string;
  /** Whether higher or lower values are better; default `max`. */
  readonly mode?: 'max' | 'min';
  /** Stop the stage after so many consecutive evaluations without a better value; default: never. */
  readonly patience?: number;
}

/** State of a selection between evaluations. Plain numbers, for checkpoints. */
export interface SelectionState {
  readonly best: number | null;
  /** Optimiser steps of the run at the best evaluation. */
  readonly bestStep: number;
  /** Number of evaluations since then. */
  readonly waited: number;
}

export const initialSelection: SelectionState = { best: null, bestStep: 0, waited: 0 };

/**
 * Updates a selection with the metrics of one more evaluation. Equal values do not count as better, so the earliest
 * best is kept. Nor do NaN and infinities.
 *
 * @throws OptionError for an unknown metric; it lists the known ones
 */
export function select(
  state: SelectionState,
  metrics: Readonly<Record<string, number>>,
  step: number,
  { metric, mode = 'max' }: SelectionOptions,
): SelectionState {
  checkMetric(metric, Object.keys(metrics));
  const value = metrics[metric];
  const { best } = state;
  const better = Number.isFinite(value) && (best === null || (mode === 'max' ? value > best : value < best));
  return better ? { best: value, bestStep: step, waited: 0 } : { ...state, waited: state.waited + 1 };
}

/** @throws OptionError for an unknown metric */
export function checkMetric(metric: string, names: readonly string[]): void {
  checkChoice('fit', 'options.selection.metric', metric, names);
}

/** Whether the patience is exhausted. */
export function shouldStop(state: SelectionState, { patience }: SelectionOptions): boolean {
  return patience !== undefined && state.waited >= patience;
}
