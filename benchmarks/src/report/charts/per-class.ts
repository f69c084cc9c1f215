import { axis, type Chart, faint } from '@ltml/report';
import type { SuiteResult } from '../../suites/suite-result.ts';
import { byFrequency, type RowSummary } from '../../suites/summary.ts';
import { lineOf, placeOf } from '../row-style.ts';
import { legend, legendHeight, percent, width } from './layout.ts';

/** The measure by class for some rows, with the class counts of the training set. Classes go from frequent to rare. */
export function perClassChart(result: SuiteResult, rows: readonly RowSummary[]): Chart {
  const [{ classes, classCounts }] = result.runs;
  const order = byFrequency(classCounts);
  const names = ['training images', ...rows.map(({ title }) => title)];
  const top = legendHeight(names) + 30;
  return {
    width: Math.max(width, 24 * classes.length),
    height: 400 + top,
    option: {
      legend: legend(names),
      grid: { left: 50, right: 60, top, bottom: 100 },
      xAxis: axis({
        type: 'category',
        data: order.map((c) => classes[c]),
        axisLabel: { rotate: 45, interval: 0 },
      }),
      yAxis: [
        axis({ type: 'value', name: `${result.measures.perClassTitle}, %`, min: 0, max: 100 }),
        axis({ type: 'log', name: 'images', min: 1, splitLine: { show: false } }),
      ],
      series: [
        {
          name: 'training images',
          type: 'bar',
          yAxisIndex: 1,
          itemStyle: { color: faint },
          data: order.map((c) => classCounts[c]),
        },
        ...rows.map((summary) => ({
          name: summary.title,
          type: 'line',
          symbol: 'circle',
          symbolSize: 6,
          ...lineOf(placeOf(result, summary)),
          data: order.map((c) => percent(summary.perClass[c])),
        })),
      ],
    },
  };
}
