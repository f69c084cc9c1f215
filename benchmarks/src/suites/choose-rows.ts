import { UsageError } from '@ltml/recipes/node';
import { referenceOf, type Suite, type SuiteMatrix, type SuiteRow } from './suite.ts';

/**
 * Reduces suites to some rows, and to the rows that these are compared with. A suite without any of them is removed.
 *
 * @throws UsageError for a row that no suite has
 */
export function chooseRows(suites: readonly Suite[], wanted: readonly string[]): readonly Suite[] {
  const known = new Set(suites.flatMap(({ rows }) => Object.keys(rows)));
  const unknown = wanted.find((row) => !known.has(row));
  if (unknown !== undefined) throw new UsageError(`--rows: unknown "${unknown}"; known: ${[...known].join(', ')}`);
  return suites.flatMap((suite) => {
    const chosen = new Set(Object.keys(suite.rows).filter((row) => wanted.includes(row)));
    for (const row of chosen) chosen.add(referenceOf(suite, row) ?? row);
    return chosen.size === 0 ? [] : [withRows(suite, chosen)];
  });
}

/** Reduces a suite to the chosen rows. */
function withRows(suite: Suite, chosen: ReadonlySet<string>): Suite {
  const { rows, series, matrix, baseline, ...rest } = suite;
  const own = Object.entries(rows).filter(([row]) => chosen.has(row));
  const isWhole = (lines: SuiteMatrix['lines']): boolean =>
    Object.values(lines).every((line) =>
      Object.values(line).every((row) => chosen.has(row) || Object.hasOwn(rest.refused, row)),
    );
  return {
    ...rest,
    rows: Object.fromEntries(own.map(([row, entry]) => [row, withoutLostStep(entry, chosen)])),
    ...(baseline !== undefined && chosen.has(baseline) && { baseline }),
    ...(series && isWhole(series.lines) && { series }),
    ...(matrix && isWhole(matrix.lines) && { matrix }),
  };
}

function withoutLostStep({ after, ...row }: SuiteRow, chosen: ReadonlySet<string>): SuiteRow {
  return after === undefined || !chosen.has(after) ? row : { ...row, after };
}
