import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DataError } from '@ltml/tensor';
import { writeFileAtomically } from '@ltml/tensor/node';
import { renderReport } from '../report/html.ts';
import { hasSuiteResult, isStarted, readSuiteResult, type SuiteResult } from './suite-result.ts';

/**
 * The results of all suites in a folder, from their finished runs.
 *
 * @param folder the output folder of `ltml bench`
 * @throws DataError if no run has finished, or a file is damaged
 */
export function readResults(folder: string): readonly SuiteResult[] {
  const suites = suitesIn(folder).filter(isStarted);
  if (suites.length > 0) return suites.map(readSuiteResult);
  const expected = 'an output folder of `ltml bench` with a finished run';
  throw new DataError({ where: 'readResults', argument: folder, expected, received: 'none' });
}

/** Whether a folder contains results of suites. */
export function hasResults(folder: string): boolean {
  return suitesIn(folder).length > 0;
}

/** Writes the report of suites as `report.html`. @returns its path */
export async function writeReport(folder: string, suites: readonly SuiteResult[]): Promise<string> {
  const page = join(folder, 'report.html');
  await writeFileAtomically(page, [await renderReport(suites)]);
  return page;
}

function suitesIn(folder: string): string[] {
  const names = readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? entry.name : [],
  );
  return names
    .sort()
    .map((name) => join(folder, name))
    .filter(hasSuiteResult);
}
