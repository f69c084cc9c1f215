import { cardMemoryShare } from './native/card-memory.ts';
import { processorToUse } from './native/processor.ts';
import { threadCount } from './thread-count.ts';

/**
 * Checks the environment variables that tune engines. This is done before an engine is tried, so that a wrong value is
 * not blamed on the engine.
 *
 * @throws OptionError for an invalid value of LTML_CPU, LTML_THREADS or LTML_GPU_MEMORY
 */
export function checkVariables(): void {
  processorToUse();
  threadCount();
  cardMemoryShare();
}
