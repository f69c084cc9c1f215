/** How far stored numbers are from those that were computed. */
export interface StorageError {
  /** Of one number, in its own unit. */
  readonly largest: number;
  /** Root of the mean square, as a share of that of the numbers themselves. */
  readonly relative: number;
}

/** Sums that {@link StorageError} is made of; those of parts add up. */
export interface ErrorSums {
  readonly largest: number;
  /** Of the squares of the differences. */
  readonly differences: number;
  /** Of the squares of the numbers. */
  readonly squares: number;
}

export function errorSums(computed: Float32Array, stored: Float32Array): ErrorSums {
  let largest = 0;
  let differences = 0;
  let squares = 0;
  for (let i = 0; i < computed.length; i++) {
    const difference = Math.abs(stored[i] - computed[i]);
    if (difference > largest) largest = difference;
    differences += difference * difference;
    squares += computed[i] * computed[i];
  }
  return { largest, differences, squares };
}

export function storageError(parts: readonly ErrorSums[]): StorageError {
  const sum = (key: 'differences' | 'squares'): number => parts.reduce((total, part) => total + part[key], 0);
  const squares = sum('squares');
  return {
    largest: parts.reduce((most, part) => Math.max(most, part.largest), 0),
    relative: squares > 0 ? Math.sqrt(sum('differences') / squares) : 0,
  };
}
