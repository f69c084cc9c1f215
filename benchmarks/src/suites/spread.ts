/** Mean and standard deviation (with n − 1) over seeds. The deviation of a single value is 0. */
export interface Spread {
  readonly mean: number;
  readonly deviation: number;
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

export function spread(values: readonly number[]): Spread {
  const center = mean(values);
  const squares = values.reduce((sum, value) => sum + (value - center) ** 2, 0);
  return { mean: center, deviation: values.length < 2 ? 0 : Math.sqrt(squares / (values.length - 1)) };
}
