import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  benchedPackages,
  compareResults,
  formatComparison,
  type PackageParts,
  type PackageResult,
  partsOf,
  qualityResult,
  readPackageResult,
  stampNow,
  storePackageResult,
  writeResultsPage,
} from '@ltml/benchmarks/packages';
import { parityAdapters, runParity } from '@ltml/benchmarks/parity';
import { runSpeed, speedRows, TorchPeer } from '@ltml/benchmarks/speed';
import { chooseRows, readResults } from '@ltml/benchmarks/suites';
import { UsageError } from '@ltml/recipes/usage-error';
import { startEngine } from '../engine.ts';
import { chooseNames } from '../option-parsers.ts';
import { ProgressLine } from '../progress-line.ts';
import { printJson, printLines } from '../terminal.ts';
import { printResults, runSources, type SuiteOptions } from './suites.ts';

/** Options of `ltml bench PACKAGE`. */
export interface PackageBenchOptions extends SuiteOptions {
  /** Names of the parts to measure; default: all. */
  readonly parts?: readonly string[];
  /** `torch`: also measure PyTorch. */
  readonly peer?: string;
  readonly python?: string;
}

const partNames = ['quality', 'speed', 'parity'] as const;

/**
 * Measures a package: its rows of the suites, its speed rows, and its parity with the authors' code. The results go to
 * `benchmarks/results/<package>`, with date and machine, and from there into docs/results.md.
 */
export async function benchPackage(name: string, suites: string, options: PackageBenchOptions): Promise<void> {
  const known = benchedPackages();
  if (!known.includes(name)) throw new UsageError(`unknown package "${name}"; known: ${known.join(', ')}`);
  if (options.peer !== undefined && options.peer !== 'torch') throw new UsageError('--peer: for a package only torch');
  const wanted = chooseNames('--parts', options.parts, partNames);
  const parts = partsOf(name, suites);
  const folder = options.out ?? join('runs', 'bench', name);
  const quality = wanted.includes('quality') ? await qualityOf(parts, suites, folder, options) : [];
  if (quality === undefined) return;
  const engine = await startEngine(options.backend);
  const result: PackageResult = {
    package: name,
    version: parts.version,
    engine,
    quality,
    speed: wanted.includes('speed') ? await speedOf(parts, engine, options) : null,
    parity: wanted.includes('parity') ? await parityOf(parts) : null,
  };
  const file = await storePackageResult(result);
  const page = await writeResultsPage();
  if (options.json) await printJson(result, 2);
  else await printLines(...describe(result), `result: ${file}`, `tables: ${page}`);
  if (result.parity && result.parity.failed > 0) process.exitCode = 1;
}

/** The suites of the package, with the wanted rows and the rows they are compared with. */
function withRows({ name, suites }: PackageParts, rows: readonly string[] | undefined): PackageParts['suites'] {
  if (!rows) return suites;
  const known = suites.flatMap(({ suite }) => Object.keys(suite.rows));
  const unknown = rows.find((row) => !known.includes(row));
  if (unknown !== undefined) throw new UsageError(`--rows: ${name} has no "${unknown}"; known: ${known.join(', ')}`);
  return suites.flatMap(({ suite, file }) => {
    const own = rows.filter((row) => Object.hasOwn(suite.rows, row));
    return own.length === 0 ? [] : chooseRows([suite], own).map((chosen) => ({ suite: chosen, file }));
  });
}

/** @returns the results; undefined if the runs were stopped */
async function qualityOf(
  parts: PackageParts,
  suites: string,
  folder: string,
  options: PackageBenchOptions,
): Promise<PackageResult['quality'] | undefined> {
  const { seeds, rows } = options;
  const sources = withRows(parts, rows).map(({ suite, file }) => ({
    suite: seeds ? { ...suite, seeds } : suite,
    file,
  }));
  if (sources.length === 0) return [];
  const { runs, stopped } = await runSources(sources, folder, options);
  if (stopped || runs === 0) return undefined;
  if (!options.json) await printResults(folder, { ...(options.backend && { backend: options.backend }) });
  const names = sources.map(({ suite }) => suite.name);
  // A suite given by its path belongs to no collection.
  const collection = /\.\w+$/.test(suites) ? 'own' : suites.split('/')[0];
  return readResults(folder)
    .filter(({ suite }) => names.includes(suite.name))
    .map((result) => qualityResult(result, collection, stampNow()));
}

async function speedOf(
  { speed }: PackageParts,
  engine: string,
  { peer, python }: PackageBenchOptions,
): Promise<PackageResult['speed']> {
  if (speed.length === 0) return null;
  const rows = [...new Set(speed.flatMap((topic) => speedRows[topic]))];
  const other = peer === undefined ? undefined : await TorchPeer.start(python);
  const line = new ProgressLine();
  try {
    let done = 0;
    const results = await runSpeed(rows, {
      engine,
      ...(other && { peer: other }),
      onResult: ({ row }) => line.show(++done / rows.length, row),
    });
    const kept = results.map(({ row, ms, peerMs, ratio }) => ({ row, ms, peerMs, ratio }));
    return { stamp: stampNow(), peer: other?.title ?? null, rows: kept };
  } finally {
    line.clear();
    other?.stop();
  }
}

async function parityOf({ parity }: PackageParts): Promise<PackageResult['parity']> {
  if (parity.length === 0) return null;
  const results = await runParity(parity, parityAdapters);
  const of = (status: string): typeof results => results.filter((result) => result.status === status);
  return {
    stamp: stampNow(),
    passed: of('passed').length,
    failed: of('failed').length,
    skipped: of('skipped').length,
    failures: of('failed').map((result) => `${result.part}/${result.function}, ${result.name}: ${result.problems[0]}`),
  };
}

function describe({ package: name, version, engine, quality, speed, parity }: PackageResult): string[] {
  return [
    `${name} ${version} on ${engine}: ${quality.length} suites, ${speed?.rows.length ?? 0} speed rows`,
    ...(parity ? [`parity: ${parity.passed} passed, ${parity.failed} failed, ${parity.skipped} skipped`] : []),
    ...(parity?.failures ?? []),
  ];
}

/** Prints what changed from one result of a package to another. */
export async function compareFiles(
  before: string,
  after: string | undefined,
  { json }: { readonly json?: boolean },
): Promise<void> {
  if (after === undefined) throw new UsageError('--compare: takes two files: --compare OLD NEW');
  for (const file of [before, after]) {
    if (!existsSync(file)) throw new UsageError(`no result ${file}; results are in benchmarks/results`);
  }
  const [old, now] = [before, after].map(readPackageResult);
  if (old.package !== now.package) {
    throw new UsageError(`--compare: ${before} is of ${old.package}, ${after} of ${now.package}`);
  }
  const comparison = compareResults(old, now);
  if (json) await printJson(comparison, 2);
  else {
    await printLines(
      `${old.package}: ${old.version} on ${old.engine} → ${now.version} on ${now.engine}`,
      ...formatComparison(comparison),
    );
  }
}
