import { htmlTable, type Markup, markup } from '@ltml/report';
import type { SuiteResult } from '../suites/suite-result.ts';
import { heatColors } from './charts/heatmap.ts';

/** The matrix of a suite: a measure for each combination that was run, and the reason for each that is refused. */
export function matrixTable({ suite: { matrix, refused }, rows }: SuiteResult): Markup {
  const { measure, lines } = matrix as NonNullable<typeof matrix>;
  const columns = [...new Set(Object.values(lines).flatMap((line) => Object.keys(line)))];
  const meanOf = (row: string): number | undefined =>
    rows.find((summary) => summary.row === row)?.measures[measure].mean;
  const values = Object.values(lines).flatMap((line) => Object.values(line).flatMap((row) => meanOf(row) ?? []));
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const cell = (row: string | undefined): Markup => {
    if (row === undefined) return markup`<td>–</td>`;
    if (Object.hasOwn(refused, row)) return markup`<td><small>refused: ${refused[row].reason}</small></td>`;
    const value = meanOf(row);
    if (value === undefined) return markup`<td><small>not run</small></td>`;
    const shade =
      heatColors[Math.min(heatColors.length - 1, Math.floor((heatColors.length * (value - low)) / (high - low || 1)))];
    return markup`<td data-sort="${value}" style="background:${shade};color:#1b1f24">${(100 * value).toFixed(1)}</td>`;
  };
  const body = Object.entries(lines).map(
    ([line, at]) => markup`<tr><th scope="row">${line}</th>${columns.map((column) => cell(at[column]))}</tr>`,
  );
  return htmlTable(['head, sampler', ...columns], body, 'result matrix');
}
