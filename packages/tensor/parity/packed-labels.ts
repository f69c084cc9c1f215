import type { Labels } from '@ltml/tensor/labels';
import type { ParityInputs } from './adapter.ts';

/** The training labels of VOC 2007: one bit a label, the highest bit of a byte first. */
export function unpackVoc2007(inputs: Pick<ParityInputs, 'numbers'>): Labels {
  const columns = 20;
  const bytes = inputs.numbers('packed');
  const present = Uint8Array.from(
    bytes.flatMap((byte) => Array.from({ length: 8 }, (_, bit) => (byte >> (7 - bit)) & 1)),
  );
  const rows = Math.floor(present.length / columns);
  return { rows, columns, present: present.subarray(0, rows * columns) };
}
