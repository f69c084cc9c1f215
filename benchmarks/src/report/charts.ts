import { axis, type Chart, faint, ink } from '@ltml/report';
import type { SuiteSeries } from '../suites/suite.ts';
import type { SuiteResult } from '../suites/suite-result.ts';
import { byFrequency, type RowSummary } from '../suites/summary.ts';

const width = 1040;

/** Mid-tones: each reads on white and on near-black. */
const colors = ['#8b929c', '#4f9fe0', '#27ae94', '#dca02c', '#e0533d', '#a374d6', '#d2679f', '#86a83a', '#5f7fd0'];

/** The colour of the row at a place of its suite. */
export function rowColor(place: number): string {
  return colors[place % colors.length];
}

const percent = (value: number): number => Math.round(value * 1000) / 10;

/** A measure of several rows against the number that is varied, mean over seeds. */
export function seriesChart({ title, axis: name, measure, lines }: SuiteSeries, rows: readonly RowSummary[]): Chart {
  const points = [...new Set(Object.values(lines).flatMap((line) => Object.keys(line)))];
  const meanOf = (row: string | undefined): number | undefined =>
    rows.find((summary) => summary.row === row)?.measures[measure].mean;
  return {
    width,
    height: 400,
    option: {
      color: Object.keys(lines).map((_, i) => rowColor(i)),
      legend: legend(Object.keys(lines)),
      grid: { left: 60, right: 30, top: 70, bottom: 60 },
      xAxis: axis({ type: 'category', data: points, name, nameLocation: 'middle', nameGap: 32 }),
      yAxis: axis({ type: 'value', name: `${title}, %`, scale: true }),
      series: Object.entries(lines).map(([line, at]) => ({
        name: line,
        type: 'line',
        symbolSize: 7,
        lineStyle: { width: 1.8 },
        data: points.map((point) => {
          const value = meanOf(at[point]);
          return value === undefined ? null : percent(value);
        }),
      })),
    },
  };
}

/** Names in a row above a chart, with room between them: without a browser the width of text is only guessed. */
function legend(names: readonly string[]): object {
  return { top: 0, left: 0, itemGap: 24, itemWidth: 14, textStyle: { color: ink, fontSize: 12 }, data: names };
}

/** The measure by class of the ladder's steps by class, or of every row where there is no ladder, over the training counts. */
export function perClassChart({
  suite,
  measures,
  runs: [{ classes, classCounts }],
  rows: summaries,
}: SuiteResult): Chart {
  const order = byFrequency(classCounts);
  const steps = summaries.filter(({ row, increments }) => increments || row === suite.baseline);
  const ladder = steps.length > 1 ? steps : summaries;
  return {
    width,
    height: 400,
    option: {
      color: ladder.map(({ row }) => rowColor(Object.keys(suite.rows).indexOf(row))),
      legend: legend(['training images', ...ladder.map(({ title }) => title)]),
      grid: { left: 50, right: 60, top: 70, bottom: 90 },
      xAxis: axis({ type: 'category', data: order.map((c) => classes[c]), axisLabel: { rotate: 45 } }),
      yAxis: [
        axis({ type: 'value', name: `${measures.perClassTitle}, %`, max: 100 }),
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
        ...ladder.map(({ title, perClass }) => ({
          name: title,
          type: 'line',
          symbolSize: 6,
          lineStyle: { width: 1.8 },
          data: order.map((c) => percent(perClass[c])),
        })),
      ],
    },
  };
}

/** The measure by class of every row and class as a table of colours, classes by falling frequency. */
export function heatmapChart({ runs: [{ classes, classCounts }], rows: summaries }: SuiteResult): Chart {
  const order = byFrequency(classCounts);
  return {
    width,
    height: 130 + 34 * summaries.length,
    option: {
      grid: { left: 190, right: 20, top: 10, bottom: 90 },
      xAxis: axis({
        type: 'category',
        data: order.map((c) => `${classes[c]} · ${classCounts[c]}`),
        axisLabel: { rotate: 45, interval: 0 },
      }),
      yAxis: axis({ type: 'category', inverse: true, data: summaries.map(({ title }) => title) }),
      visualMap: {
        show: false,
        min: 0,
        max: 100,
        inRange: { color: ['#f6c9b0', '#f3e3b5', '#bfe0b4', '#6cc0a4'] },
      },
      series: {
        type: 'heatmap',
        // The cells carry their own ground, so their text is dark on every page.
        label: { show: true, color: '#1b1f24', formatter: ({ value }: { value: number[] }) => value[2].toFixed(0) },
        data: summaries.flatMap(({ perClass }, y) => order.map((c, x) => [x, y, percent(perClass[c])])),
      },
    },
  };
}

/** What each step of the ladder adds by class: a panel for each step. */
export function incrementsChart({ suite, runs: [{ classes, classCounts }], rows: summaries }: SuiteResult): Chart {
  const order = byFrequency(classCounts);
  const steps = summaries.filter(({ increments }) => increments);
  const panel = 150;
  const before = (row: string): string => suite.rows[suite.rows[row].after ?? '']?.title ?? '';
  return {
    width,
    height: 90 + panel * steps.length,
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
      yAxis: steps.map((_, i) => axis({ gridIndex: i, type: 'value', splitNumber: 3 })),
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

/** Differences with their 95 % intervals: a panel for each measure that has them. */
export function differencesChart({ suite, measures, rows: summaries }: SuiteResult): Chart {
  const compared = summaries.filter(({ difference }) => difference);
  const names = Object.keys(measures.titles).filter((name) => compared.some(({ difference }) => difference?.[name]));
  const panelWidth = Math.min(250, 835 / names.length - 24);
  const left = (i: number): number => 205 + i * (panelWidth + 24);
  return {
    width,
    height: 80 + 30 * compared.length,
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
          name: i === 0 ? 'percentage points' : '',
          nameLocation: 'middle',
          nameGap: 26,
        }),
      ),
      yAxis: names.map((_, i) =>
        axis({
          gridIndex: i,
          type: 'category',
          inverse: true,
          data: compared.map(({ row, title }) => {
            const { against } = suite.rows[row];
            return against === undefined ? title : `${title}\nto ${suite.rows[against].title}`;
          }),
          axisLabel: { show: i === 0 },
          axisLine: { onZero: true, lineStyle: { color: ink, width: 1 } },
        }),
      ),
      series: names.map((measure, i) => ({
        type: 'custom',
        xAxisIndex: i,
        yAxisIndex: i,
        renderItem: drawInterval,
        encode: { x: [0, 1, 2], y: 3 },
        data: compared.map(({ difference }, row) => {
          const { low, difference: mean, high } = difference?.[measure] ?? { low: 0, difference: 0, high: 0 };
          return [percent(low), percent(mean), percent(high), row];
        }),
      })),
    },
  };
}

interface IntervalApi {
  value(dimension: number): number;
  coord(point: readonly [number, number]): [number, number];
}

/** A line from low to high with a dot at the mean; green where all of it is above zero, red where below. */
function drawInterval(_: unknown, api: IntervalApi): object {
  const [low, mean, high, row] = [0, 1, 2, 3].map((dimension) => api.value(dimension));
  const [x1, y] = api.coord([low, row]);
  const [x2] = api.coord([high, row]);
  const [x] = api.coord([mean, row]);
  const color = low > 0 ? '#27ae94' : high < 0 ? '#e0533d' : '#8b929c';
  return {
    type: 'group',
    children: [
      { type: 'line', shape: { x1, y1: y, x2, y2: y }, style: { stroke: color, lineWidth: 3 } },
      { type: 'circle', shape: { cx: x, cy: y, r: 5 }, style: { fill: color } },
    ],
  };
}
