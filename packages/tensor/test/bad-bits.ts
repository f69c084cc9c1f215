import fc from 'fast-check';

/** What is neither 0 nor 1. */
export const badBits = fc.constantFrom<unknown>(-1, 0.5, 2, 255, 257, Number.NaN, true, '1', null, undefined);

/** Arrays of other types than bytes; one that is typed may make a bad value a good one. */
export const arraysOf = fc.constantFrom<(values: readonly unknown[]) => unknown>(
  (values) => [...values],
  (values) => Int8Array.from(values as number[]),
  (values) => Float32Array.from(values as number[]),
  (values) => Int16Array.from(values as number[]),
);
