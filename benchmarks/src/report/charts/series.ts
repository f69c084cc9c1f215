import { axis, type Chart } from '@ltml/report';
import type { SuiteResult } from '../../suites/suite-result.ts';
import { lineOf } from '../row-style.ts';
import { legend, legendHeight, percent, width } from './layout.ts';

/** A measure of several rows against the varied number, averaged over seeds. */
export function seriesChart({ suite: { series }, rows }: SuiteResult): Chart {
  const { title, axis: name, measure, lines } = series as NonNullable<typeof series>;
  const points = [...new Set(Object.values(lines).flatMap((line) => Object.keys(line)))];
  const meanOf = (row: string | undefined): number | undefined =>
    rows.find((summary) => summary.row === row)?.measures[measure].mean;
  const top = legendHeight(Object.keys(lines)) + 24;
  return {
    width,
    height: 380 + top,
    option: {
      legend: legend(Object.keys(lines)),
      grid: { left: 60, right: 30, top, bottom: 60 },
      xAxis: axis({ type: 'category', data: points, name, nameLocation: 'middle', nameGap: 32 }),
      yAxis: axis({
        type: 'value',
        name: `${title}, %`,
        nameTextStyle: { align: 'left', color: 'currentColor' },
        scale: true,
      }),
      series: Object.entries(lines).map(([line, at], place) => ({
        name: line,
        type: 'line',
        symbol: 'circle',
        symbolSize: 7,
        ...lineOf(place),
        data: points.map((point) => {
          const value = meanOf(at[point]);
          return value === undefined ? null : percent(value);
        }),
      })),
    },
  };
}
