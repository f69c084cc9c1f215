import type { PackageResult, ResultRow } from './package-result.ts';

/** A measured number that both results of a package contain. */
export interface Movement {
  /** What was measured, for example `full/partial-labels, SARB, 10 %: mAP`. */
  readonly what: string;
  readonly unit: '%' | 'ms' | 'cases';
  readonly before: number;
  readonly after: number;
  /** Whether it changed by more than chance: two standard deviations over seeds for quality, 10 % for speed. */
  readonly moved: boolean;
}

export interface Comparison {
  readonly movements: readonly Movement[];
  /** Numbers that only one of them contains. */
  readonly onlyBefore: readonly string[];
  readonly onlyAfter: readonly string[];
}

interface Value {
  readonly unit: Movement['unit'];
  readonly value: number;
  readonly deviation: number;
}

/** Compares two results of a package. */
export function compareResults(before: PackageResult, after: PackageResult): Comparison {
  const [old, now] = [valuesOf(before), valuesOf(after)];
  const movements = [...old].flatMap(([what, first]) => {
    const second = now.get(what);
    return second ? [movementOf(what, first, second)] : [];
  });
  const missing = (from: ReadonlyMap<string, Value>, to: ReadonlyMap<string, Value>): string[] =>
    [...from.keys()].filter((what) => !to.has(what));
  return { movements, onlyBefore: missing(old, now), onlyAfter: missing(now, old) };
}

/** The lines of a comparison. Numbers that changed come first. */
export function formatComparison({ movements, onlyBefore, onlyAfter }: Comparison): string[] {
  const text = ({ what, unit, before, after }: Movement): string => {
    const digits = unit === 'cases' ? 0 : unit === 'ms' ? 3 : 1;
    const change = unit === 'ms' ? `× ${(after / before).toFixed(2)}` : signed(after - before, digits);
    return `  ${what}: ${before.toFixed(digits)} → ${after.toFixed(digits)} ${unit} (${change})`;
  };
  const moved = movements.filter((movement) => movement.moved);
  const still = movements.length - moved.length;
  return [
    moved.length === 0 ? 'nothing changed by more than chance' : `${moved.length} changed:`,
    ...moved.map(text),
    `${still} did not.`,
    ...(onlyBefore.length > 0 ? [`only before: ${onlyBefore.join('; ')}`] : []),
    ...(onlyAfter.length > 0 ? [`only after: ${onlyAfter.join('; ')}`] : []),
  ];
}

function movementOf(what: string, first: Value, second: Value): Movement {
  const change = Math.abs(second.value - first.value);
  const deviation = Math.hypot(first.deviation, second.deviation);
  const bound = { '%': Math.max(2 * deviation, 0.05), ms: 0.1 * first.value, cases: 0 }[first.unit];
  return { what, unit: first.unit, before: first.value, after: second.value, moved: change > bound };
}

function valuesOf({ quality, speed, parity }: PackageResult): Map<string, Value> {
  const values = new Map<string, Value>();
  for (const { suite, measures, rows } of quality) {
    for (const row of Object.values(rows)) {
      for (const [name, title] of Object.entries(measures))
        addSpread(values, `${suite}, ${row.title}: ${title}`, row.measures[name]);
    }
  }
  for (const { row, ms } of speed?.rows ?? []) values.set(row, { unit: 'ms', value: ms, deviation: 0 });
  if (parity) {
    values.set('parity: passed', { unit: 'cases', value: parity.passed, deviation: 0 });
    values.set('parity: failed', { unit: 'cases', value: parity.failed, deviation: 0 });
  }
  return values;
}

function addSpread(values: Map<string, Value>, what: string, spread: ResultRow['seconds'] | undefined): void {
  if (spread?.mean == null) return;
  values.set(what, { unit: '%', value: 100 * spread.mean, deviation: 100 * (spread.deviation ?? 0) });
}

function signed(value: number, digits: number): string {
  return (value < 0 ? '−' : '+') + Math.abs(value).toFixed(digits);
}
