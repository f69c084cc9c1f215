import { axis, type Chart, ink } from '@ltml/report';
import { correctedPValues, significance } from '../../suites/corrected.ts';
import { referenceOf } from '../../suites/suite.ts';
import type { SuiteResult } from '../../suites/suite-result.ts';
import { percent, sharedRange, width } from './layout.ts';

const gap = 24;

/** Differences with their 95 % intervals: one panel for each measure that has them, all with the same scale. */
export function differencesChart({ suite, measures, rows }: SuiteResult): Chart {
  const compared = rows.filter(({ difference }) => difference);
  const names = Object.keys(measures.titles).filter((name) => compared.some(({ difference }) => difference?.[name]));
  const corrected = correctedPValues(rows);
  const labels = compared.map(({ row, title }) => `${title}\nto ${suite.rows[referenceOf(suite, row) ?? row].title}`);
  const margin = 24 + 6.6 * Math.max(...labels.flatMap((label) => label.split('\n').map(({ length }) => length)));
  const panelWidth = Math.max(150, Math.min(260, (width - margin) / names.length - gap));
  const left = (i: number): number => margin + i * (panelWidth + gap);
  const range = sharedRange(
    compared.flatMap(({ difference = {} }) =>
      Object.values(difference).flatMap(({ low, high }) => [low, high].map(percent)),
    ),
  );
  return {
    width: Math.ceil(Math.max(width, left(names.length))),
    height: 80 + 40 * compared.length,
    option: {
      title: names.map((name, i) => ({
        text: measures.titles[name],
        left: left(i),
        top: 0,
        textStyle: { color: ink, fontSize: 14 },
      })),
      grid: names.map((_, i) => ({ left: left(i), width: panelWidth, top: 34, bottom: 40 })),
      xAxis: names.map((_, i) =>
        axis({
          gridIndex: i,
          type: 'value',
          splitNumber: 4,
          ...range,
          name: 'percentage points',
          nameLocation: 'middle',
          nameGap: 26,
        }),
      ),
      yAxis: names.map((_, i) =>
        axis({
          gridIndex: i,
          type: 'category',
          inverse: true,
          data: labels,
          axisLabel: { show: i === 0, interval: 0 },
          axisLine: { onZero: true, lineStyle: { color: ink, width: 1 } },
        }),
      ),
      series: names.map((measure, i) => ({
        type: 'custom',
        xAxisIndex: i,
        yAxisIndex: i,
        renderItem: drawInterval,
        encode: { x: [0, 1, 2], y: 3 },
        data: compared.flatMap(({ row, difference }, place) => {
          const interval = difference?.[measure];
          if (!interval || Number.isNaN(interval.difference)) return [];
          const { low, difference: mean, high } = interval;
          const counts = corrected[row][measure] <= significance ? Math.sign(mean) : 0;
          return [[percent(low), percent(mean), percent(high), place, counts]];
        }),
      })),
    },
  };
}

interface IntervalApi {
  value(dimension: number): number;
  coord(point: readonly [number, number]): [number, number];
}

/**
 * A line from low to high with a mark at the mean: green disc for a gain, red diamond for a loss, grey ring for
 * neither.
 */
function drawInterval(_: unknown, api: IntervalApi): object {
  const [low, mean, high, row, counts] = [0, 1, 2, 3, 4].map((dimension) => api.value(dimension));
  const [x1, y] = api.coord([low, row]);
  const [x2] = api.coord([high, row]);
  const [x] = api.coord([mean, row]);
  const stroke = counts > 0 ? '#27ae94' : counts < 0 ? '#e0533d' : '#8b929c';
  const diamond = {
    points: [
      [x, y - 6],
      [x + 6, y],
      [x, y + 6],
      [x - 6, y],
    ],
  };
  const mark =
    counts < 0
      ? { type: 'polygon', shape: diamond, style: { fill: stroke } }
      : {
          type: 'circle',
          shape: { cx: x, cy: y, r: 5 },
          style: counts > 0 ? { fill: stroke } : { fill: 'none', stroke, lineWidth: 2 },
        };
  return {
    type: 'group',
    children: [{ type: 'line', shape: { x1, y1: y, x2, y2: y }, style: { stroke, lineWidth: 3 } }, mark],
  };
}
