export { renderReport } from '../report/html.ts';
export type { RunRecord, TrackRecord } from './record.ts';
export { readResults, writeReport } from './results-folder.ts';
export {
  type QualityResult,
  type QualitySuiteOptions,
  runQualitySuite,
  type SuiteProgress,
  type TrackResult,
} from './suite.ts';
export { type MethodSummary, summarize } from './summary.ts';
export { formatDifferences, formatIncrements, formatTable } from './table.ts';
export type { Measure, Track, TrackChanges } from './track.ts';
export { type QualitySuite, suites } from './tracks.ts';
