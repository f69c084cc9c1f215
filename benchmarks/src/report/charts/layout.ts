import { ink } from '@ltml/report';

export const width = 1040;

/** A fraction in percent, to a tenth. */
export const percent = (value: number): number => Math.round(value * 1000) / 10;

/** Names in a row above a chart, with room between them: without a browser the width of text is only guessed. */
export function legend(names: readonly string[]): object {
  return {
    top: 0,
    left: 0,
    itemGap: 40,
    itemWidth: 14,
    inactiveBorderWidth: 0,
    itemStyle: { borderWidth: 0 },
    textStyle: { color: ink, fontSize: 12 },
    data: names,
  };
}

/** Height that a legend needs: about four names in a line. */
export function legendHeight(names: readonly string[]): number {
  const characters = names.reduce((sum, name) => sum + name.length + 8, 0);
  return 24 + 22 * Math.ceil(characters / 130);
}

/** A border of an axis that all panels share: the next multiple of a round step away from 0. */
export function sharedRange(values: readonly number[]): { min: number; max: number } {
  const finite = values.filter(Number.isFinite);
  const [low, high] = [Math.min(0, ...finite), Math.max(0, ...finite)];
  const step = [0.5, 1, 2, 5, 10, 20, 50].find((size) => (high - low) / size <= 8) ?? 100;
  return { min: Math.floor(low / step) * step, max: Math.max(Math.ceil(high / step) * step, step) };
}
