import type { ClassRow } from '@ltml/recipes/node';
import { axis, type Chart, ink } from '@ltml/report';

/** With more classes than this, their names do not fit under the chart. */
const named = 60;

const colors = { head: '#4f9fe0', medium: '#27ae94', tail: '#dca02c' } as const;

/** Bar chart: AP of each class, the most frequent class first, coloured by group. */
export function classChart(classes: readonly ClassRow[]): Chart {
  const order = [...classes].sort((a, b) => b.trainCount - a.trainCount || a.index - b.index);
  const groups = ['head', 'medium', 'tail'] as const;
  return {
    width: 1040,
    height: 340,
    option: {
      color: groups.map((group) => colors[group]),
      legend: {
        top: 0,
        left: 120,
        itemGap: 30,
        itemWidth: 14,
        textStyle: { color: ink, fontSize: 12 },
        data: [...groups],
      },
      grid: { left: 50, right: 20, top: 40, bottom: order.length > named ? 30 : 90 },
      xAxis: axis({
        type: 'category',
        data: order.map(({ name }) => name),
        axisLabel: { show: order.length <= named, rotate: 45, interval: 0, width: 96, overflow: 'truncate' },
      }),
      yAxis: axis({ type: 'value', name: 'AP, %', max: 100 }),
      series: groups.map((group) => ({
        name: group,
        type: 'bar',
        stack: 'AP',
        data: order.map((row) => (row.group === group ? Math.round(1000 * row.averagePrecision) / 10 || 0 : null)),
      })),
    },
  };
}
