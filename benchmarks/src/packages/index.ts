export { compareResults, formatComparison } from './compare-results.ts';
export { benchedPackages, type PackageParts, partsOf } from './package-parts.ts';
export { type PackageResult, readPackageResult, storePackageResult } from './package-result.ts';
export { qualityResult } from './quality-result.ts';
export { type Stamp, stampNow } from './stamp.ts';
export { writeResultsPage } from './write-results-page.ts';
