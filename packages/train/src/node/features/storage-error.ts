/** Error of stored numbers compared with the computed ones. */
export interface StorageError {
  /** Largest absolute error of one number. */
  readonly largest: number;
  /** Root mean square of the errors, relative to that of the numbers. */
  readonly relative: number;
}

/** Sums from which {@link StorageError} is computed. Sums of parts can be added. */
export interface ErrorSums {
  /** Largest absolute error. */
  readonly largest: number;
  /** Sum of squared errors. */
  readonly differences: number;
  /** Sum of squared numbers. */
  readonly squares: number;
}

/** Sums of the errors of stored numbers. */
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

/** The error of a whole, from the sums of its parts. */
export function storageError(parts: readonly ErrorSums[]): StorageError {
  const sum = (key: 'differences' | 'squares'): number => parts.reduce((total, part) => total + part[key], 0);
  const squares = sum('squares');
  return {
    largest: parts.reduce((most, part) => Math.max(most, part.largest), 0),
    relative: squares > 0 ? Math.sqrt(sum('differences') / squares) : 0,
  };
}
