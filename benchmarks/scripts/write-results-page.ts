// Writes docs/results.md from benchmarks/results:  node --import tsx benchmarks/scripts/write-results-page.ts
import { writeResultsPage } from '../src/packages/index.ts';

console.log(await writeResultsPage());
