import type { RunRecord, TrackRecord } from '../quality/record.ts';
import { byFrequency, type MethodSummary, spread } from '../quality/summary.ts';
import type { MeasureSeries } from '../quality/track.ts';
import { axis, type Chart, faint, ink } from './svg.ts';

const width = 1040;

/** Mid-tones: each reads on white and on near-black. */
const colors = ['#8b929c', '#4f9fe0', '#27ae94', '#dca02c', '#e0533d', '#a374d6', '#d2679f', '#86a83a', '#5f7fd0'];

/** The colour of the method at a place of the track. */
export function methodColor(place: number): string {
  return colors[place % colors.length];
}

const percent = (value: number): number => Math.round(value * 1000) / 10;

/** A track's methods that have runs, with their places in its track. */
function methodsWith(track: TrackRecord, runs: readonly RunRecord[]): { key: string; title: string; color: string }[] {
  return Object.entries(track.methods)
    .map(([key, { title }], place) => ({ key, title, color: methodColor(place) }))
    .filter(({ key }) => runs.some((run) => run.method === key));
}

/** Measures over the steps, averaged over seeds: a panel for each. */
export function curvesChart(track: TrackRecord, runs: readonly RunRecord[]): Chart {
  const panel = { width: 445, height: 190 };
  const lastStep = Math.max(...runs.flatMap((run) => run.curve.map(({ step }) => step)));
  const methods = methodsWith(track, runs);
  const measures = track.measures.filter(({ key }) =>
    runs.some(({ curve }) => curve.some((point) => key in point.measures)),
  );
  const rows = Math.ceil(measures.length / 2);
  const place = (i: number): { left: number; top: number } => ({ left: 50 + (i % 2) * 515, top: 95 + (i >> 1) * 265 });
  return {
    width,
    height: 50 + 265 * rows,
    option: {
      color: methods.map(({ color }) => color),
      legend: legend(methods.map(({ title }) => title)),
      title: measures.map(({ title }, i) => ({
        text: `${title}, %`,
        left: place(i).left,
        top: place(i).top - 34,
        textStyle: { color: ink, fontSize: 14 },
      })),
      grid: measures.map((_, i) => ({ ...place(i), ...panel })),
      xAxis: measures.map((_, i) =>
        axis({
          gridIndex: i,
          type: 'value',
          name: i >> 1 === rows - 1 ? 'optimiser steps' : '',
          nameLocation: 'middle',
          nameGap: 26,
          max: lastStep,
          splitLine: { show: false },
        }),
      ),
      yAxis: measures.map((_, i) => axis({ gridIndex: i, type: 'value', scale: true })),
      series: measures.flatMap(({ key: measure }, i) =>
        methods.map(({ key, title }) => ({
          name: title,
          type: 'line',
          xAxisIndex: i,
          yAxisIndex: i,
          showSymbol: false,
          lineStyle: { width: 1.8 },
          data: meanCurve(
            runs.filter((run) => run.method === key),
            measure,
          ),
        })),
      ),
    },
  };
}

/** A measure of every method against the number that the track varies, mean over seeds. */
export function seriesChart(
  { methods }: Pick<TrackRecord, 'methods'>,
  { title, axis: name, points }: MeasureSeries,
  summaries: readonly Pick<MethodSummary, 'key' | 'title' | 'measures'>[],
): Chart {
  return {
    width,
    height: 400,
    option: {
      color: summaries.map(({ key }) => methodColor(Object.keys(methods).indexOf(key))),
      legend: legend(summaries.map(({ title: method }) => method)),
      grid: { left: 60, right: 30, top: 70, bottom: 60 },
      xAxis: axis({ type: 'category', data: points.map(({ at }) => at), name, nameLocation: 'middle', nameGap: 32 }),
      yAxis: axis({ type: 'value', name: `${title}, %`, scale: true }),
      series: summaries.map(({ title: method, measures }) => ({
        name: method,
        type: 'line',
        symbolSize: 7,
        lineStyle: { width: 1.8 },
        data: points.map(({ measure }) => percent(measures[measure].mean)),
      })),
    },
  };
}

/** Names in a row above a chart, with room between them: without a browser the width of text is only guessed. */
function legend(names: readonly string[]): object {
  return { top: 0, itemGap: 30, itemWidth: 14, textStyle: { color: ink, fontSize: 11 }, data: names };
}

function meanCurve(runs: readonly RunRecord[], measure: string): [number, number][] {
  return runs[0].curve.map(({ step }, i) => [
    step,
    percent(spread(runs.map((run) => run.curve[i].measures[measure])).mean),
  ]);
}

/** AP of the ladder's steps by class, or of every method where there is no ladder, over the training counts. */
export function perClassChart(track: TrackRecord, summaries: readonly MethodSummary[]): Chart {
  const order = byFrequency(track.classCounts);
  const steps = summaries.filter(({ key, increments }) => increments || key === track.baseline);
  const ladder = steps.length > 1 ? steps : summaries;
  return {
    width,
    height: 400,
    option: {
      color: ladder.map(({ key }) => methodColor(Object.keys(track.methods).indexOf(key))),
      legend: legend(['training images', ...ladder.map(({ title }) => title)]),
      grid: { left: 50, right: 60, top: 70, bottom: 90 },
      xAxis: axis({ type: 'category', data: order.map((c) => track.classes[c]), axisLabel: { rotate: 45 } }),
      yAxis: [
        axis({ type: 'value', name: 'AP, %', max: 100 }),
        axis({ type: 'log', name: 'images', min: 1, splitLine: { show: false } }),
      ],
      series: [
        {
          name: 'training images',
          type: 'bar',
          yAxisIndex: 1,
          itemStyle: { color: faint },
          data: order.map((c) => track.classCounts[c]),
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

/** AP of every method and class as a table of colours, classes by falling frequency. */
export function heatmapChart(track: TrackRecord, summaries: readonly MethodSummary[]): Chart {
  const order = byFrequency(track.classCounts);
  return {
    width,
    height: 130 + 34 * summaries.length,
    option: {
      grid: { left: 190, right: 20, top: 10, bottom: 90 },
      xAxis: axis({
        type: 'category',
        data: order.map((c) => `${track.classes[c]} · ${track.classCounts[c]}`),
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

/** AP increments of each step of the ladder by class: a panel for each step. */
export function incrementsChart(track: TrackRecord, summaries: readonly MethodSummary[]): Chart {
  const order = byFrequency(track.classCounts);
  const steps = summaries.filter(({ increments }) => increments);
  const panel = 150;
  const before = (key: string): string => track.methods[track.methods[key].after ?? '']?.title ?? '';
  return {
    width,
    height: 90 + panel * steps.length,
    option: {
      title: steps.map(({ key, title }, i) => ({
        text: `${before(key)} → ${title}`,
        left: 50,
        top: 8 + panel * i,
        textStyle: { color: ink, fontSize: 13 },
      })),
      grid: steps.map((_, i) => ({ left: 50, right: 20, top: 36 + panel * i, height: panel - 50 })),
      xAxis: steps.map((_, i) =>
        axis({
          gridIndex: i,
          type: 'category',
          data: order.map((c) => track.classes[c]),
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
export function differencesChart(track: TrackRecord, summaries: readonly MethodSummary[]): Chart {
  const compared = summaries.filter(({ difference }) => difference);
  const measures = track.measures.filter(({ key }) => compared.some(({ difference }) => difference?.[key]));
  const panelWidth = Math.min(250, 835 / measures.length - 24);
  const left = (i: number): number => 205 + i * (panelWidth + 24);
  return {
    width,
    height: 80 + 30 * compared.length,
    option: {
      title: measures.map(({ title }, i) => ({
        text: title,
        left: left(i),
        top: 0,
        textStyle: { color: ink, fontSize: 14 },
      })),
      grid: measures.map((_, i) => ({ left: left(i), width: panelWidth, top: 34, bottom: 40 })),
      xAxis: measures.map((_, i) =>
        axis({
          gridIndex: i,
          type: 'value',
          splitNumber: 4,
          name: i === 0 ? 'percentage points' : '',
          nameLocation: 'middle',
          nameGap: 26,
        }),
      ),
      yAxis: measures.map((_, i) =>
        axis({
          gridIndex: i,
          type: 'category',
          inverse: true,
          data: compared.map(({ key, title }) => {
            const { against } = track.methods[key];
            return against === undefined ? title : `${title}\nto ${track.methods[against].title}`;
          }),
          axisLabel: { show: i === 0 },
          axisLine: { onZero: true, lineStyle: { color: ink, width: 1 } },
        }),
      ),
      series: measures.map(({ key }, i) => ({
        type: 'custom',
        xAxisIndex: i,
        yAxisIndex: i,
        renderItem: drawInterval,
        encode: { x: [0, 1, 2], y: 3 },
        data: compared.map(({ difference }, row) => {
          const { low, difference: mean, high } = difference?.[key] ?? { low: 0, difference: 0, high: 0 };
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
