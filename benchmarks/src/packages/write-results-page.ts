import { fileURLToPath } from 'node:url';
import { writeFileAtomically } from '@ltml/tensor/node';
import { storedResults } from './package-result.ts';
import { resultsPage } from './results-page.ts';

/** Path of the page. */
export const resultsPageFile: string = fileURLToPath(new URL('../../../docs/results.md', import.meta.url));

/** Writes docs/results.md from benchmarks/results. @returns its path */
export async function writeResultsPage(): Promise<string> {
  await writeFileAtomically(resultsPageFile, [resultsPage(storedResults())]);
  return resultsPageFile;
}
