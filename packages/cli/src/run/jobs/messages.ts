import type { RunOrder } from '@ltml/recipes/node';
import type { ErrorDescription } from '../../describe-error.ts';

/** What a process that does runs is told: a run to do, or to stop the one that it is at. */
export type ToProcess = { readonly order: RunOrder } | 'stop';

/** What it tells. */
export type FromProcess =
  /** It is ready, on this engine. */
  | { readonly engine: string }
  /** How far the run is, in [0, 1]. */
  | { readonly progress: number }
  | { readonly warning: string }
  /** An epoch was evaluated, and is in the log of the run. */
  | 'evaluated'
  | 'finished'
  /** The run stands at a checkpoint. */
  | 'stopped'
  | { readonly failure: ErrorDescription };
