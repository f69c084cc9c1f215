import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataError } from '@ltml/tensor';
import { afterAll, describe, expect, it } from 'vitest';
import { compareResults, formatComparison } from '../src/packages/compare-results.ts';
import { benchedPackages, partsOf } from '../src/packages/package-parts.ts';
import {
  type PackageResult,
  readPackageResult,
  storedResults,
  storePackageResult,
} from '../src/packages/package-result.ts';
import { resultsPage } from '../src/packages/results-page.ts';
import { resultsPageFile } from '../src/packages/write-results-page.ts';

const folder = mkdtempSync(join(tmpdir(), 'results-'));
afterAll(() => rmSync(folder, { recursive: true }));

const stamp = { date: '2026-11-30T12:00:00.000Z', commit: 'abcdef012', machine: 'a machine' };

function result(version: string, mAP: number, ms: number, more: Partial<PackageResult> = {}): PackageResult {
  const row = (title: string, mean: number) => ({
    title,
    seeds: [1, 2],
    measures: { total: { mean, deviation: 0.01 } },
    differences: {},
    seconds: { mean: 12, deviation: 0 },
  });
  const difference = { against: 'SSGRL', difference: mAP - 0.5, low: mAP - 0.52, high: mAP - 0.48, p: 0.0004 };
  return {
    package: 'sarb',
    version,
    engine: 'wasm',
    quality: [
      {
        stamp,
        suite: 'full/partial-labels',
        title: 'Partial | labels',
        question: 'How much?',
        measures: { total: 'mAP' },
        rows: {
          ssgrl: row('SSGRL', 0.5),
          sarb: { ...row('<b>SARB</b>', mAP), differences: { total: difference } },
        },
        verdict: ['Highest mAP: SARB.'],
      },
    ],
    speed: { stamp, peer: 'torch', rows: [{ row: 'step', ms, peerMs: 4, ratio: ms / 4 }] },
    parity: { stamp, passed: 10, failed: 0, skipped: 1, failures: [] },
    ...more,
  };
}

it('docs/results.md is what benchmarks/results says; write it again with benchmarks/scripts/write-results-page.ts', () => {
  expect(readFileSync(resultsPageFile, 'utf8')).toBe(resultsPage(storedResults()));
});

it('the page has a table of rows, of differences and of speed, with data escaped', () => {
  const lines = resultsPage([result('0.1.0', 0.6, 2)]).split('\n');
  expect(lines).toContain('#### Partial \\| labels (`full/partial-labels`)');
  expect(lines).toContain('| \\<b\\>SARB\\</b\\> | 2 | 60.0 ± 1.0 | 12 |');
  expect(lines).toContain('| \\<b\\>SARB\\</b\\> − SSGRL | +10.0 [+8.0, +12.0], p < 0.001 |');
  expect(lines).toContain('| step | 2.00 | 4.00 | 0.50 |');
});

describe('storePackageResult', () => {
  it('puts parts that were measured over those that are there, and keeps the others', async () => {
    const file = await storePackageResult(result('0.1.0', 0.6, 2), folder);
    const again = result('0.1.0', 0.7, 3, { speed: null, parity: null });
    const other = { ...again.quality[0], suite: 'full/another' };
    await storePackageResult({ ...again, quality: [other] }, folder);
    const stored = readPackageResult(file);
    expect(stored.quality.map(({ suite }) => suite)).toEqual(['full/another', 'full/partial-labels']);
    expect(stored.speed?.rows[0].ms).toBe(2);
    expect(stored.parity?.passed).toBe(10);
    expect(storedResults(folder)).toEqual([stored]);
  });

  it('names a file that is no result', () => {
    const file = join(folder, 'broken.json');
    writeFileSync(file, '{ "package": 3 }');
    expect(() => readPackageResult(file)).toThrow(expect.toSatisfy(DataError.is));
    expect(() => readPackageResult(file)).toThrow(/broken\.json .*package/);
  });
});

describe('compareResults', () => {
  it('lists what changed by more than chance', () => {
    const comparison = compareResults(result('0.1.0', 0.6, 2), result('0.2.0', 0.65, 3));
    const moved = comparison.movements.filter((movement) => movement.moved);
    expect(moved.map(({ what, unit }) => [what, unit])).toEqual([
      ['full/partial-labels, <b>SARB</b>: mAP', '%'],
      ['step', 'ms'],
    ]);
    expect(formatComparison(comparison).slice(0, 3)).toEqual([
      '2 changed:',
      '  full/partial-labels, <b>SARB</b>: mAP: 60.0 → 65.0 % (+5.0)',
      '  step: 2.000 → 3.000 ms (× 1.50)',
    ]);
  });

  it('does not call noise a movement, and names what only one has', () => {
    const after = { ...result('0.2.0', 0.61, 2.1), parity: null };
    const comparison = compareResults(result('0.1.0', 0.6, 2), after);
    expect(formatComparison(comparison)[0]).toBe('nothing changed by more than chance');
    expect(comparison.onlyBefore).toEqual(['parity: passed', 'parity: failed']);
    expect(comparison.onlyAfter).toEqual([]);
  });
});

it('a package has the rows whose recipes are its own, with what they are compared with', () => {
  expect(benchedPackages()).toEqual(expect.arrayContaining(['classifier', 'cprfl', 'dscl', 'losses', 'mkt', 'sarb']));
  const { suites, speed, parity } = partsOf('sarb', 'quick');
  expect(suites.map(({ suite }) => suite.name)).toEqual(['partial-labels']);
  expect(Object.keys(suites[0].suite.rows)).toEqual(['ssgrl-10', 'sarb-10', 'ssgrl-50', 'sarb-50']);
  expect(speed).toEqual(['sarb']);
  expect(parity.length).toBeGreaterThan(0);
});
