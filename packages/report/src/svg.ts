import { BarChart, CustomChart, HeatmapChart, LineChart, ParallelChart, ScatterChart } from 'echarts/charts';
import {
  GridComponent,
  LegendComponent,
  ParallelComponent,
  TitleComponent,
  VisualMapComponent,
} from 'echarts/components';
import * as echarts from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import { Markup, markup } from './markup.ts';

echarts.use([
  BarChart,
  CustomChart,
  HeatmapChart,
  LineChart,
  ParallelChart,
  ScatterChart,
  GridComponent,
  LegendComponent,
  ParallelComponent,
  TitleComponent,
  VisualMapComponent,
  SVGRenderer,
]);

/** A chart with its size in pixels. */
export interface Chart {
  /** Options of ECharts. */
  readonly option: echarts.EChartsCoreOption;
  /** In pixels. */
  readonly width: number;
  /** In pixels. */
  readonly height: number;
}

/** Colour of text: the page's own, so that charts can be read on light and on dark pages. */
export const ink = 'currentColor';
/** Colour of grid lines. */
export const faint = 'rgba(128, 128, 128, 0.3)';

/**
 * Characters that are replaced: control characters, marks of writing direction, unpaired surrogates. ECharts escapes
 * the rest.
 */
const unseen = /[^\P{Cc}\t\n]|[\p{Bidi_Control}\p{Cs}]/gu;

/** Smallest scale of a chart on a narrow page: text of 12 pixels shrinks to 11. */
const smallestScale = 11 / 12;

/** An axis in the page's colours. @param options of ECharts; they override the defaults */
export function axis(options: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { axisLabel, splitLine, ...others } = options;
  return {
    nameTextStyle: { color: ink },
    axisLine: { lineStyle: { color: faint } },
    axisTick: { show: false },
    axisLabel: { color: ink, ...(axisLabel as object) },
    splitLine: { lineStyle: { color: faint }, ...(splitLine as object) },
    ...others,
  };
}

/** Draws a chart as an SVG element, for a page without scripts. @param label describes the chart for screen readers */
export function renderSvg({ option, width, height }: Chart, label: string): Markup {
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width, height });
  chart.setOption({
    animation: false,
    backgroundColor: 'transparent',
    textStyle: { color: ink, fontFamily: 'system-ui, sans-serif' },
    ...option,
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  // Remove parts for the mouse: a page without scripts can't use them.
  const still = svg
    .replace(/<style[\s\S]*?<\/style>/g, '')
    .replace(/ (class|ecmeta_\w+|pointer-events)="[^"]*"/g, '')
    .replace(unseen, '\ufffd');
  // The view box gives the size. On a narrow page the chart scrolls, since its text would become too small to read.
  const narrowest = Math.ceil(smallestScale * width);
  const start = markup`<svg role="img" aria-label="${label}" style="min-width:${narrowest}px;max-width:${width}px"`
    .html;
  return new Markup(still.replace(/<svg width="\d+" height="\d+"/, () => start));
}
