import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type SpeedTopic, speedRows } from '../speed/rows.ts';
import { chooseRows } from '../suites/choose-rows.ts';
import type { SuiteSource } from '../suites/planned-run.ts';
import { readSuite } from '../suites/suite.ts';
import { suiteFiles } from '../suites/suite-files.ts';

const root = fileURLToPath(new URL('../../../packages', import.meta.url));

/** Topics of the speed suite that measure a package of another name. */
const topicsOf: Readonly<Record<string, readonly SpeedTopic[]>> = { tensor: ['optim', 'compile'], data: ['loader'] };

/** The benchmarks of one package. */
export interface PackageParts {
  /** Its name without the scope, for example `sarb`. */
  readonly name: string;
  readonly version: string;
  /** Suites with the rows whose recipes belong to the package, and with the rows that they are compared with. */
  readonly suites: readonly SuiteSource[];
  readonly speed: readonly SpeedTopic[];
  /** Folders of parity fixtures. */
  readonly parity: readonly string[];
}

/** Packages that have benchmarks. */
export function benchedPackages(): readonly string[] {
  return readdirSync(root)
    .filter((name) => existsSync(join(root, name, 'package.json')))
    .filter((name) => hasRows(name) || speedOf(name).length > 0 || parityOf(name).length > 0)
    .sort();
}

/**
 * The benchmarks of a package. @param suites where to look for its rows: a collection, one suite, or the path of a
 * suite
 */
export function partsOf(name: string, suites: string): PackageParts {
  const { version } = JSON.parse(readFileSync(join(root, name, 'package.json'), 'utf8')) as { version: string };
  return { name, version, suites: suitesOf(name, suites), speed: speedOf(name), parity: parityOf(name) };
}

function suitesOf(name: string, collection: string): SuiteSource[] {
  return suiteFiles(collection).flatMap((file) => {
    const suite = readSuite(file);
    const own = Object.keys(suite.rows).filter((row) => suite.rows[row].recipe.includes(`/packages/${name}/`));
    return own.length === 0 ? [] : chooseRows([suite], own).map((chosen) => ({ suite: chosen, file }));
  });
}

function hasRows(name: string): boolean {
  return existsSync(join(root, name, 'recipes', 'digits'));
}

function speedOf(name: string): readonly SpeedTopic[] {
  return topicsOf[name] ?? (Object.keys(speedRows) as SpeedTopic[]).filter((topic) => topic === name);
}

function parityOf(name: string): string[] {
  const fixtures = join(root, name, 'test', 'fixtures');
  if (!existsSync(fixtures)) return [];
  const folders = readdirSync(fixtures).map((folder) => join(fixtures, folder));
  return folders.filter((folder) => existsSync(join(folder, 'index.json'))).sort();
}
