import type { Communicator } from '@ltml/tensor/contract';

/** Numbers from which on an array is sent by itself: fewer go together, since each message takes its time. */
const large = 1 << 14;

/** Replaces arrays that every rank has by their sums over the ranks. */
export function sumOverRanks(communicator: Pick<Communicator, 'allReduce'>, arrays: readonly Float32Array[]): void {
  const small = arrays.filter(({ length }) => length < large);
  const joined = new Float32Array(small.reduce((sum, { length }) => sum + length, 0));
  const places: number[] = [];
  let end = 0;
  for (const values of small) {
    joined.set(values, end);
    places.push(end);
    end += values.length;
  }
  if (joined.length > 0) communicator.allReduce(joined);
  for (const [i, values] of small.entries()) values.set(joined.subarray(places[i], places[i] + values.length));
  for (const values of arrays) if (values.length >= large) communicator.allReduce(values);
}
