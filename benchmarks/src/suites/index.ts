export { chooseRows } from './choose-rows.ts';
export { type PlannedRun, plannedRuns, type SuiteSource } from './planned-run.ts';
export { hasResults, readResults, writeReport } from './report.ts';
export { type FailedRun, type FinishedRun, type RunSuitesOptions, runSuites } from './run-suite.ts';
export { readSuite, type Suite } from './suite.ts';
export { collections, suiteFiles } from './suite-files.ts';
export type { SuiteResult } from './suite-result.ts';
export { formatSuite } from './table.ts';
