import type { RunOrder } from '@ltml/recipes/node';
import type { ErrorDescription } from '../../describe-error.ts';

/** Messages to a process that does runs: start a run, or stop the current one. */
export type ToProcess = { readonly order: RunOrder } | 'stop';

/** Messages from such a process. */
export type FromProcess =
  /** The process is ready, on this engine. */
  | { readonly engine: string }
  /** Fraction of the run that is done, in [0, 1]. */
  | { readonly progress: number }
  | { readonly warning: string }
  /** An epoch was evaluated; its result is in the log of the run. */
  | 'evaluated'
  | 'finished'
  /** The run was stopped at a checkpoint. */
  | 'stopped'
  | { readonly failure: ErrorDescription };
