import { ink } from '@ltml/report';

export const width = 1040;

/** A fraction in percent, to a tenth. */
export const percent = (value: number): number => Math.round(value * 1000) / 10;

const itemGap = 40;
const lineWidth = width - 140;

/** Names in a row above a chart, with room between them: without a browser the width of text is only guessed. */
export function legend(names: readonly string[]): object {
  return {
    top: 0,
    left: 0,
    // Lines end early: the last name of one may be wider than guessed.
    width: lineWidth,
    itemGap,
    itemWidth: 14,
    inactiveBorderWidth: 0,
    itemStyle: { borderWidth: 0 },
    textStyle: { color: ink, fontSize: 12 },
    data: names,
  };
}

/** Height that a legend needs; its lines are as far apart as the names in one. */
export function legendHeight(names: readonly string[]): number {
  const pixels = names.reduce((sum, name) => sum + 7 * name.length + 20 + itemGap, 0);
  return 46 + (14 + itemGap) * (Math.ceil(pixels / lineWidth) - 1);
}

/** A border of an axis that all panels share: the next multiple of a round step away from 0. */
export function sharedRange(values: readonly number[]): { min: number; max: number } {
  const finite = values.filter(Number.isFinite);
  const [low, high] = [Math.min(0, ...finite), Math.max(0, ...finite)];
  const step = [0.5, 1, 2, 5, 10, 20, 50].find((size) => (high - low) / size <= 8) ?? 100;
  return { min: Math.floor(low / step) * step, max: Math.max(Math.ceil(high / step) * step, step) };
}
