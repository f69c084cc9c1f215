export { chooseRows } from './choose-rows.ts';
export { hasResults, readResults, writeReport } from './report.ts';
export { type FinishedRun, type RunSuitesOptions, runSuites, type SuiteSource } from './run-suite.ts';
export { readSuite, type Suite } from './suite.ts';
export { collections, suiteFiles } from './suite-files.ts';
export type { SuiteResult } from './suite-result.ts';
export { formatSuite } from './table.ts';
