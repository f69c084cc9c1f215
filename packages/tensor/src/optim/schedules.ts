/** What an optimiser is told before a step; a rate left out stays as the optimiser was built. */
export interface Rates {
  /** Multiplies each group's own learning rate. */
  readonly learningRateFactor: number;
  /** Adam's first-moment decay or SGD's momentum, where a schedule cycles it. */
  readonly momentum?: number;
}

/** Rates as a pure function of the step, counted from 0: nothing to save, resume needs the step alone. */
export type Schedule = (step: number) => Rates;
