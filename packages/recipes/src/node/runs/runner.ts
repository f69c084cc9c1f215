/** A run to do. Plain values only, which can be sent to another process. */
export interface RunOrder {
  /** Consecutive runs of one group share the features of frozen encoders. */
  readonly group: string;
  /** The run folder. */
  readonly folder: string;
  /** Folder through which runs of several processes share features; left out: runs share only within their process. */
  readonly features?: string;
  /** Path of the recipe, and `key=value` settings laid over it. */
  readonly recipe: { readonly file: string; readonly settings: readonly string[] };
}

/** Does runs, one at a time. */
export interface Runner {
  /** Starts or continues a run. Resolves when it has finished. */
  run(order: RunOrder, watch: RunWatch): Promise<void>;
}

/** Callbacks of a run, and a signal that stops it. */
export interface RunWatch {
  /** Called with the fraction done. */
  readonly onProgress: (done: number) => void;
  readonly onWarning?: ((message: string) => void) | undefined;
  /** Called after each evaluation except the last, when its result is in the run's log. */
  readonly onEvaluation?: (() => void) | undefined;
  /** Stops the run at a checkpoint; its reason is thrown. */
  readonly signal?: AbortSignal | undefined;
}
