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

/** A chart and how large it is drawn, in pixels. */
export interface Chart {
  readonly option: echarts.EChartsCoreOption;
  readonly width: number;
  readonly height: number;
}

/** Text and lines take the page's own colour, so that a chart reads on light and on dark ground. */
export const ink = 'currentColor';
/** Colour of grid lines. */
export const faint = 'rgba(128, 128, 128, 0.3)';

/** What is no character of a text, or turns the direction of what stands around it; ECharts escapes all else. */
const unseen = /[^\P{Cc}\t\n]|[\p{Bidi_Control}\p{Cs}]/gu;

/** What a text of 12 pixels may shrink by. */
const smallestScale = 11 / 12;

/** An axis in the page's ink. */
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

/** The chart as an SVG element, for a page without scripts. */
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
  // What is for the mouse goes: a page without scripts has no use for it.
  const still = svg
    .replace(/<style[\s\S]*?<\/style>/g, '')
    .replace(/ (class|ecmeta_\w+|pointer-events)="[^"]*"/g, '')
    .replace(unseen, '\ufffd');
  // Its size comes from the view box. On a narrow page it is scrolled: shrunk, its text would be too small to read.
  const narrowest = Math.ceil(smallestScale * width);
  const start = markup`<svg role="img" aria-label="${label}" style="min-width:${narrowest}px;max-width:${width}px"`
    .html;
  return new Markup(still.replace(/<svg width="\d+" height="\d+"/, () => start));
}
