import type { SpeedResult } from './run.ts';

/** A table of the results; ratios below 1 are in our favour. */
export function formatSpeed(results: readonly SpeedResult[]): string {
  const width = Math.max(3, ...results.map(({ row }) => row.length));
  const line = (...cells: readonly string[]): string =>
    cells.map((cell, i) => (i === 0 ? cell.padEnd(width) : cell.padStart(12))).join(' ');
  const number = (value: number | null, digits: number): string => (value === null ? '–' : value.toFixed(digits));
  return [
    line('row', 'engine', 'ms', 'PyTorch ms', 'ratio'),
    ...results.map(({ row, engine, ms, peerMs, ratio }) =>
      line(row, engine, number(ms, 3), number(peerMs, 3), number(ratio, 2)),
    ),
  ].join('\n');
}
