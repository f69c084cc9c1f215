export { renderReport } from '../report/html.ts';
export { type QualityMethodKey, qualityMethods } from './methods.ts';
export { protocols, type QualitySuite } from './protocol.ts';
export type { RunRecord, SuiteDescription } from './record.ts';
export { readResults, writeReport } from './results-folder.ts';
export { type QualityResult, type QualitySuiteOptions, runQualitySuite, type SuiteProgress } from './suite.ts';
export { type MethodSummary, summarize } from './summary.ts';
export { formatIncrements, formatTable } from './table.ts';
