import type { CalibrationReport } from '@ltml/recipes/node';
import { axis, type Chart, faint, ink } from '@ltml/report';

/** Colours of the curves, that of the last curve first. */
const colors = ['#4f9fe0', '#8b929c'];

/**
 * A reliability diagram: the observed frequency over the predicted probability. A calibrated model lies on the
 * diagonal.
 *
 * @param curves one or two reports by name, e.g. before and after a temperature was fitted
 */
export function reliabilityChart(curves: Readonly<Record<string, CalibrationReport>>): Chart {
  const names = Object.keys(curves);
  return {
    width: 520,
    height: 480,
    option: {
      // One curve needs no legend.
      legend: {
        show: names.length > 1,
        top: 0,
        itemGap: 30,
        itemWidth: 14,
        textStyle: { color: ink, fontSize: 12 },
        data: names,
      },
      grid: { left: 60, right: 20, top: 40, bottom: 55 },
      xAxis: axis({ type: 'value', min: 0, max: 1, name: 'probability', nameLocation: 'middle', nameGap: 30 }),
      yAxis: axis({ type: 'value', min: 0, max: 1, name: 'observed frequency', nameLocation: 'middle', nameGap: 40 }),
      series: [
        {
          type: 'line',
          silent: true,
          showSymbol: false,
          lineStyle: { color: faint, type: 'dashed' },
          data: [
            [0, 0],
            [1, 1],
          ],
        },
        ...names.map((name, place) => ({
          name,
          type: 'line',
          symbolSize: 7,
          color: colors[names.length - 1 - place],
          lineStyle: { width: 1.8 },
          data: curves[name].bins
            .filter(({ count }) => count > 0)
            .map(({ probability, frequency }) => [probability, frequency]),
        })),
      ],
    },
  };
}
