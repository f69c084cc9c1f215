import type { EntryImportance } from '@ltml/recipes/node';
import { axis, type Chart, ink } from '@ltml/report';
import { shortNames } from './entry-names.ts';

/** Bar chart of the entries whose share is known, the largest on top. */
export function importanceChart(importance: readonly EntryImportance[]): Chart {
  const known = importance.filter(({ share }) => share !== null);
  const names = shortNames(known.map(({ entry }) => entry));
  return {
    width: 640,
    height: 60 + 30 * known.length,
    option: {
      grid: { left: 170, right: 60, top: 10, bottom: 45 },
      xAxis: axis({
        type: 'value',
        min: 0,
        max: 100,
        name: 'percent of the variance',
        nameLocation: 'middle',
        nameGap: 28,
      }),
      yAxis: axis({
        type: 'category',
        inverse: true,
        data: names,
        axisLabel: { width: 150, overflow: 'truncate', fontSize: 12 },
      }),
      series: [
        {
          type: 'bar',
          barWidth: 14,
          data: known.map(({ share }) => Number((100 * (share ?? 0)).toFixed(1))),
          itemStyle: { color: '#4878a8' },
          label: { show: true, position: 'right', color: ink, fontSize: 12 },
        },
      ],
    },
  };
}
