import { availableParallelism } from 'node:os';
import { LocalRunner, type Runner } from '@ltml/recipes/node';
import { startEngine } from '../../engine.ts';
import type { BackendArgument } from '../../option-parsers.ts';
import { ProcessRunner } from './process-runner.ts';

/** The runners that do the runs of a suite. */
export interface Runners {
  readonly runners: readonly Runner[];
  /** Ends their processes. */
  close(): void;
}

/**
 * Starts runners. One run at a time is done in this process. Several at a time are done in processes of their own,
 * which share the cores.
 *
 * @param jobs number of runs at a time
 * @param onEngine called once with the engine's name, when the first one has started
 */
export async function startRunners(
  jobs: number,
  backend: BackendArgument,
  onEngine: (engine: string) => void,
): Promise<Runners> {
  if (jobs === 1) {
    onEngine(await startEngine(backend));
    return { runners: [new LocalRunner()], close: () => {} };
  }
  const threads = Math.max(1, Math.floor(availableParallelism() / jobs));
  let isKnown = false;
  const tellOnce = (engine: string): void => {
    if (!isKnown) onEngine(engine);
    isKnown = true;
  };
  const runners = Array.from({ length: jobs }, () => new ProcessRunner({ backend, threads, onEngine: tellOnce }));
  return {
    runners,
    close() {
      for (const runner of runners) runner.close();
    },
  };
}
