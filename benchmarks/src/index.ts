export { parityAdapters } from './parity/adapters.ts';
export { type ParityResult, runParity } from './parity/run.ts';
export { countResults, formatParity, type ParityCounts } from './parity/table.ts';
