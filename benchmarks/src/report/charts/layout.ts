import { ink } from '@ltml/report';

export const width = 1040;

/** A fraction in percent, rounded to a tenth. */
export const percent = (value: number): number => Math.round(value * 1000) / 10;

const itemGap = 40;
const lineWidth = width - 140;

/**
 * A legend above a chart. It leaves extra space between names, because the width of text is only estimated without a
 * browser.
 */
export function legend(names: readonly string[]): object {
  return {
    top: 0,
    left: 0,
    // Lines are shorter than the chart, because the last name can be wider than estimated.
    width: lineWidth,
    itemGap,
    itemWidth: 14,
    inactiveBorderWidth: 0,
    itemStyle: { borderWidth: 0 },
    textStyle: { color: ink, fontSize: 12 },
    data: names,
  };
}

/** Height of a legend in pixels. The gap between lines equals that between names. */
export function legendHeight(names: readonly string[]): number {
  const pixels = names.reduce((sum, name) => sum + 7 * name.length + 20 + itemGap, 0);
  return 46 + (14 + itemGap) * (Math.ceil(pixels / lineWidth) - 1);
}

/** Limits of an axis that all panels share, rounded away from 0. */
export function sharedRange(values: readonly number[]): { min: number; max: number } {
  const finite = values.filter(Number.isFinite);
  const [low, high] = [Math.min(0, ...finite), Math.max(0, ...finite)];
  const step = [0.5, 1, 2, 5, 10, 20, 50].find((size) => (high - low) / size <= 8) ?? 100;
  return { min: Math.floor(low / step) * step, max: Math.max(Math.ceil(high / step) * step, step) };
}
