import { axis, type Chart, faint, ink } from '@ltml/report';
import type { SuiteResult } from '../../suites/suite-result.ts';
import { byFrequency } from '../../suites/summary.ts';
import { percent, sharedRange, width } from './layout.ts';

const panel = 150;

/** The gain of each step of the ladder by class: one panel per step, all with the same scale. */
export function incrementsChart({ suite, runs: [{ classes, classCounts }], rows }: SuiteResult): Chart {
  const order = byFrequency(classCounts);
  const steps = rows.filter(({ increments }) => increments);
  const before = (row: string): string => suite.rows[suite.rows[row].after ?? '']?.title ?? '';
  const range = sharedRange(steps.flatMap(({ increments = [] }) => increments.map(percent)));
  return {
    width: Math.max(width, 24 * classes.length),
    height: 110 + panel * steps.length,
    option: {
      title: steps.map(({ row, title }, i) => ({
        text: `${before(row)} → ${title}`,
        left: 50,
        top: 8 + panel * i,
        textStyle: { color: ink, fontSize: 13 },
      })),
      grid: steps.map((_, i) => ({ left: 50, right: 20, top: 36 + panel * i, height: panel - 50 })),
      xAxis: steps.map((_, i) =>
        axis({
          gridIndex: i,
          type: 'category',
          data: order.map((c) => classes[c]),
          axisLabel: { show: i === steps.length - 1, rotate: 45, interval: 0 },
          axisLine: { onZero: false, lineStyle: { color: faint } },
        }),
      ),
      yAxis: steps.map((_, i) => axis({ gridIndex: i, type: 'value', splitNumber: 3, ...range })),
      series: steps.map(({ increments }, i) => ({
        type: 'bar',
        xAxisIndex: i,
        yAxisIndex: i,
        barCategoryGap: '25%',
        data: order.map((c) => {
          const value = percent(increments?.[c] ?? 0);
          return { value, itemStyle: { color: value < 0 ? '#e0533d' : '#27ae94' } };
        }),
      })),
    },
  };
}
