import { type Chart, faint, ink } from '@ltml/report';
import { settingText, shortNames } from './entry-names.ts';

/** A run, drawn as a line of the chart. */
export interface ChartRun {
  /** One value for each entry. */
  readonly settings: readonly unknown[];
  /** null for a pruned run; its line ends at the last entry. */
  readonly value: number | null;
}

/** Width of an axis with its labels, in pixels. */
const spacing = 150;

/** Colours of the worst and the best run: grey and blue, which also differ in lightness. */
const [worst, best] = [
  [139, 146, 156],
  [47, 127, 200],
] as const;

/** Up to so many different numbers, each has a place of its own on the axis. */
const mostPlaces = 8;

/** Parallel coordinates: one axis for each entry and one for the measure, one line for each run. */
export function parallelChart(entries: readonly string[], measure: string, runs: readonly ChartRun[]): Chart {
  const values = runs.flatMap(({ value }) => value ?? []);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const columns = entries.map((_, i) => columnOf(runs.map(({ settings }) => settings[i])));
  const names = shortNames(entries);
  const axes = [
    ...columns.map(({ axis }, i) => ({ name: names[i], ...axis })),
    { name: measure, ...numbersAxis(low, high, false) },
  ];
  // Draw the best lines last, on top.
  const ordered = [...runs.keys()].sort((a, b) => (runs[a].value ?? low - 1) - (runs[b].value ?? low - 1));
  return {
    width: 140 + spacing * entries.length,
    height: 420,
    option: {
      parallel: { left: 30, right: 110, top: 50, bottom: 20 },
      parallelAxis: axes.map((own, dim) => ({ dim, ...look, ...own })),
      series: [
        {
          type: 'parallel',
          silent: true,
          data: ordered.map((run) => ({
            value: [...columns.map(({ places }) => places[run]), runs[run].value ?? '-'],
            lineStyle: lineStyle(runs[run].value, low, high),
          })),
        },
      ],
    },
  };
}

const look = {
  nameTextStyle: { color: ink, fontSize: 12 },
  nameTruncate: { maxWidth: spacing - 16 },
  nameGap: 18,
  axisLine: { lineStyle: { color: faint } },
  axisTick: { show: false },
};

/** An edge in the background colour separates labels from the lines behind them. */
const label = { color: ink, fontSize: 12, textBorderColor: 'Canvas', textBorderWidth: 3 };

/** An axis, and the places of the runs on it. */
interface Column {
  readonly axis: Readonly<Record<string, unknown>>;
  /** By run. */
  readonly places: readonly (string | number)[];
}

/** Many numbers get a scale. Other values, and few numbers, get equally spaced places. */
function columnOf(settings: readonly unknown[]): Column {
  const numbers = settings.filter((setting): setting is number => typeof setting === 'number');
  const distinct = [...new Set(numbers)].sort((a, b) => a - b);
  if (numbers.length === settings.length && distinct.length > mostPlaces) {
    const [low, high] = [distinct[0], distinct[distinct.length - 1]];
    return { axis: numbersAxis(low, high, low > 0 && high / low >= 100), places: numbers };
  }
  const places = settings.map((setting) => settingText(setting) || '(as in the recipe)');
  const inOrder = [...distinct.map(String), ...places];
  const data = [...new Set(inOrder)];
  return {
    axis: { type: 'category', data, axisLabel: { ...label, interval: 0, width: spacing - 40, overflow: 'truncate' } },
    places,
  };
}

function numbersAxis(low: number, high: number, isLog: boolean): Record<string, unknown> {
  // With a single value the scale would have length 0.
  const bounds = low === high ? { min: low - 0.5, max: high + 0.5 } : {};
  const formatter = (value: number): string => String(Number(value.toPrecision(4)));
  return { type: isLog ? 'log' : 'value', scale: true, ...bounds, axisLabel: { ...label, formatter } };
}

function lineStyle(value: number | null, low: number, high: number): Record<string, unknown> {
  if (value === null) return { color: '#c77c30', width: 1.2, type: 'dashed', opacity: 0.8 };
  const share = high === low ? 1 : (value - low) / (high - low);
  const color = `rgb(${worst.map((from, i) => Math.round(from + share * (best[i] - from))).join(', ')})`;
  return { color, width: 1.6, opacity: 0.8 };
}
