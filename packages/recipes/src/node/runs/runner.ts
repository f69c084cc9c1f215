/** What is to be done, in plain values, which can go to another process. */
export interface RunOrder {
  /** Runs of a group that follow each other share what frozen encoders make of the images. */
  readonly group: string;
  readonly folder: string;
  /** A folder by which this run shares features with runs of other processes; left out, it shares with those of its own. */
  readonly features?: string;
  /** Path of the recipe, and the settings that are laid over it. */
  readonly recipe: { readonly file: string; readonly settings: readonly string[] };
}

/** Does runs, one at a time. */
export interface Runner {
  /** Does a run, or goes on with it; settles when it has finished. */
  run(order: RunOrder, watch: RunWatch): Promise<void>;
}

/** Who is told of a run, and what stops it. */
export interface RunWatch {
  /** Told how far the run is, in [0, 1]. */
  readonly onProgress: (done: number) => void;
  readonly onWarning?: ((message: string) => void) | undefined;
  /** Told when an epoch was evaluated that is not the last, and is in the log of the run. */
  readonly onEvaluation?: (() => void) | undefined;
  /** Stops the run with a checkpoint and its reason as the error. */
  readonly signal?: AbortSignal | undefined;
}
