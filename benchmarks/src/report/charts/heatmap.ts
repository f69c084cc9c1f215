import { axis, type Chart } from '@ltml/report';
import type { SuiteResult } from '../../suites/suite-result.ts';
import { byFrequency } from '../../suites/summary.ts';
import { percent, width } from './layout.ts';

/** Colours from low to high. Text on them is always dark. */
export const heatColors = ['#f6c9b0', '#f3e3b5', '#bfe0b4', '#6cc0a4'];
const cellInk = '#1b1f24';

/** A heat map of the measure by class: every row and every class, from frequent to rare. */
export function heatmapChart({ runs: [{ classes, classCounts }], rows }: SuiteResult): Chart {
  const order = byFrequency(classCounts);
  const left = 24 + 7 * Math.max(...rows.map(({ title }) => title.length));
  return {
    width: Math.max(width, left + 20 + 30 * classes.length),
    height: 130 + 30 * rows.length,
    option: {
      grid: { left, right: 20, top: 10, bottom: 110 },
      xAxis: axis({
        type: 'category',
        data: order.map((c) => `${classes[c]} · ${classCounts[c]}`),
        axisLabel: { rotate: 45, interval: 0 },
      }),
      yAxis: axis({
        type: 'category',
        inverse: true,
        data: rows.map(({ title }) => title),
        axisLabel: { interval: 0 },
      }),
      visualMap: { show: false, min: 0, max: 100, inRange: { color: heatColors } },
      series: {
        type: 'heatmap',
        label: { show: true, color: cellInk, formatter: ({ value }: { value: number[] }) => value[2].toFixed(0) },
        data: rows.flatMap(({ perClass }, y) => order.map((c, x) => [x, y, percent(perClass[c])])),
      },
    },
  };
}
