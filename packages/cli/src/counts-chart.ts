import { axis, type Chart } from '@ltml/report';

/** Bar chart: how many images each class has, the most frequent class first. */
export function countsChart(classes: readonly string[], counts: ArrayLike<number>): Chart {
  const order = Array.from(classes.keys()).sort((a, b) => counts[b] - counts[a] || a - b);
  return {
    width: 1000,
    height: 380,
    option: {
      grid: { left: 60, right: 20, top: 20, bottom: 90 },
      xAxis: axis({
        type: 'category',
        data: order.map((c) => classes[c]),
        axisLabel: { rotate: 45, hideOverlap: true, width: 96, overflow: 'truncate' },
      }),
      // A class without images has no bar: a logarithmic axis has no 0.
      yAxis: axis({ type: 'log', min: 0.5, name: 'images' }),
      series: [{ type: 'bar', data: order.map((c) => counts[c] || null), itemStyle: { color: '#4878a8' } }],
    },
  };
}
