export { parityAdapters } from './adapters.ts';
export { type ParityResult, runParity } from './run.ts';
export { countResults, formatParity, type ParityCounts } from './table.ts';
