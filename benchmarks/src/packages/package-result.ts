import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeFileAtomically } from '@ltml/tensor/node';
import { z } from 'zod';
import { readJson } from '../suites/run-record.ts';
import { stampSchema } from './stamp.ts';

/** The folder of the results that are kept in the repository, with one folder per package. */
export const resultsFolder: string = fileURLToPath(new URL('../../results', import.meta.url));

const spread = z.strictObject({ mean: z.number().nullable(), deviation: z.number().nullable() });

const difference = z.strictObject({
  against: z.string(),
  difference: z.number().nullable(),
  low: z.number().nullable(),
  high: z.number().nullable(),
  /** Corrected for all differences of the suite. */
  p: z.number().nullable(),
});

const row = z.strictObject({
  title: z.string(),
  seeds: z.array(z.int()),
  measures: z.record(z.string(), spread),
  differences: z.record(z.string(), difference),
  seconds: spread,
});

const quality = z.strictObject({
  stamp: stampSchema,
  /** Collection and name, e.g. `full/partial-labels`. */
  suite: z.string(),
  title: z.string(),
  question: z.string(),
  /** Titles of the measures by their keys. */
  measures: z.record(z.string(), z.string()),
  rows: z.record(z.string(), row),
  verdict: z.array(z.string()),
});

const speedRow = z.strictObject({
  row: z.string(),
  ms: z.number(),
  peerMs: z.number().nullable(),
  ratio: z.number().nullable(),
});

const resultSchema = z.strictObject({
  package: z.string(),
  version: z.string(),
  engine: z.string(),
  quality: z.array(quality),
  speed: z.strictObject({ stamp: stampSchema, peer: z.string().nullable(), rows: z.array(speedRow) }).nullable(),
  parity: z
    .strictObject({
      stamp: stampSchema,
      passed: z.int(),
      failed: z.int(),
      skipped: z.int(),
      failures: z.array(z.string()),
    })
    .nullable(),
});

export type PackageResult = z.infer<typeof resultSchema>;
export type QualityResult = z.infer<typeof quality>;
export type ResultRow = z.infer<typeof row>;

/** The file with the result of a package version on an engine. @param folder default {@link resultsFolder} */
export function resultFile(
  { package: name, version, engine }: Pick<PackageResult, 'package' | 'version' | 'engine'>,
  folder = resultsFolder,
): string {
  return join(folder, name, `${version}-${engine}.json`);
}

/** Reads a result. @throws DataError naming the file and what is wrong with it */
export function readPackageResult(file: string): PackageResult {
  return readJson(file, resultSchema);
}

/**
 * Stores a result in the file of its package, version and engine. Parts that were not measured stay as they are there.
 */
export async function storePackageResult(result: PackageResult, folder = resultsFolder): Promise<string> {
  const file = resultFile(result, folder);
  const stored = existsSync(file) ? readPackageResult(file) : undefined;
  const measured = new Set(result.quality.map(({ suite }) => suite));
  const kept = stored?.quality.filter(({ suite }) => !measured.has(suite)) ?? [];
  const merged: PackageResult = {
    ...result,
    quality: [...kept, ...result.quality].sort((a, b) => (a.suite < b.suite ? -1 : 1)),
    speed: result.speed ?? stored?.speed ?? null,
    parity: result.parity ?? stored?.parity ?? null,
  };
  mkdirSync(join(folder, result.package), { recursive: true });
  await writeFileAtomically(file, [`${JSON.stringify(merged, null, 1)}\n`]);
  return file;
}

/** All stored results, package by package. */
export function storedResults(folder = resultsFolder): PackageResult[] {
  if (!existsSync(folder)) return [];
  const packages = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return packages
    .map(({ name }) => name)
    .sort()
    .flatMap((name) => {
      const files = readdirSync(join(folder, name)).filter((file) => file.endsWith('.json'));
      return files.sort().map((file) => readPackageResult(join(folder, name, file)));
    });
}
