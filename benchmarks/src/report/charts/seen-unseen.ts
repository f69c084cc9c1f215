import { axis, type Chart } from '@ltml/report';
import { mean } from '../../suites/spread.ts';
import type { SuiteResult } from '../../suites/suite-result.ts';
import { legend, percent, width } from './layout.ts';

/** Mean of the measure by class over seen classes, and over unseen classes. All classes are ranked together. */
export function seenUnseenChart({ measures, runs: [{ classCounts }], rows }: SuiteResult): Chart {
  const groups = {
    'seen classes': classCounts.flatMap((n, c) => (n > 0 ? c : [])),
    'unseen classes': classCounts.flatMap((n, c) => (n > 0 ? [] : c)),
  };
  return {
    width,
    height: 110 + 44 * rows.length,
    option: {
      legend: legend(Object.keys(groups)),
      grid: { left: 30 + 7 * Math.max(...rows.map(({ title }) => title.length)), right: 50, top: 40, bottom: 50 },
      xAxis: axis({
        type: 'value',
        min: 0,
        max: 100,
        name: `mean ${measures.perClassTitle}, %`,
        nameLocation: 'middle',
        nameGap: 30,
      }),
      yAxis: axis({
        type: 'category',
        inverse: true,
        data: rows.map(({ title }) => title),
        axisLabel: { interval: 0 },
      }),
      series: Object.entries(groups).map(([name, classes], i) => ({
        name,
        type: 'bar',
        itemStyle: { color: ['#8b929c', '#4f9fe0'][i] },
        label: { show: true, position: 'right', color: 'currentColor' },
        data: rows.map(({ perClass }) => percent(mean(classes.map((c) => perClass[c])))),
      })),
    },
  };
}
