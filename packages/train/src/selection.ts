import { checkChoice } from '@ltml/tensor';

/** Which epoch's weights a run keeps, and when it stops looking for better ones. */
export interface SelectionOptions {
  /** Name of a validation metric, e.g. `mAP`. */
  readonly metric: string;
  /** Whether more or less of it is better; default `max`. */
  readonly mode?: 'max' | 'min';
  /** Evaluations in a row without a better value after which the stage stops; never if left out. */
  readonly patience?: number;
}

/** What selection remembers between evaluations; plain numbers, fit for a checkpoint. */
export interface SelectionState {
  readonly best: number | null;
  /** Optimiser steps of the run at the best evaluation. */
  readonly bestStep: number;
  /** Evaluations since then. */
  readonly waited: number;
}

export const initialSelection: SelectionState = { best: null, bestStep: 0, waited: 0 };

/**
 * Takes the metrics of one more evaluation into account. Equal values are not better, the earliest best wins;
 * nor are NaN and infinities.
 *
 * @throws OptionError if the metric is not among them; it lists those there are
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

/** @throws OptionError if the metric is not among those there are */
export function checkMetric(metric: string, names: readonly string[]): void {
  checkChoice('fit', 'options.selection.metric', metric, names);
}

/** Whether the patience is used up. */
export function shouldStop(state: SelectionState, { patience }: SelectionOptions): boolean {
  return patience !== undefined && state.waited >= patience;
}
