import { cardMemoryShare } from './native/card-memory.ts';
import { processorToUse } from './native/processor.ts';
import { threadCount } from './thread-count.ts';

/**
 * Reads the variables by which users tune engines, before an engine is tried: a wrong one is no fault of the engine.
 *
 * @throws OptionError if LTML_CPU, LTML_THREADS or LTML_GPU_MEMORY says nothing that this machine can do
 */
export function checkVariables(): void {
  processorToUse();
  threadCount();
  cardMemoryShare();
}
