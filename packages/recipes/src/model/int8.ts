import type { HostTensor } from '@ltml/tensor';

/** Ending of the name of the tensor with the scales of another tensor. */
const scaleSuffix = '.scale';
/** Tensors with fewer values are not quantised. */
const smallest = 256;
/** The byte that stands for 0; bytes stand for −127 to 127. */
const zero = 128;

/**
 * Quantises weights to 8 bits: value = scale · (byte − 128). Each row has its own scale, chosen so that its largest
 * absolute value is 127 steps. Rows are along the first axis, the outputs of a linear layer or convolution. Vectors and
 * small tensors stay float32.
 *
 * @returns U8 tensors, each with its scales [rows] named `<name>.scale`
 */
export function toInt8(tensors: ReadonlyMap<string, HostTensor>): Map<string, HostTensor> {
  const stored = new Map<string, HostTensor>();
  for (const [name, tensor] of tensors) {
    const { dtype, shape, data } = tensor;
    if (dtype !== 'F32' || shape.length < 2 || data.length < smallest) {
      stored.set(name, tensor);
      continue;
    }
    const [rows] = shape;
    const length = data.length / rows;
    const scales = new Float32Array(rows);
    const bytes = new Uint8Array(data.length);
    for (let row = 0; row < rows; row++) {
      const values = (data as Float32Array).subarray(row * length, (row + 1) * length);
      const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      scales[row] = largest / 127;
      for (const [i, value] of values.entries()) {
        bytes[row * length + i] = zero + (largest > 0 ? Math.round((127 * value) / largest) : 0);
      }
    }
    stored.set(name, { dtype: 'U8', shape, data: bytes });
    stored.set(`${name}${scaleSuffix}`, { dtype: 'F32', shape: [rows], data: scales });
  }
  return stored;
}

/** Restores float32 weights from the tensors of {@link toInt8}. */
export function fromInt8(stored: ReadonlyMap<string, HostTensor>): Map<string, HostTensor> {
  const tensors = new Map<string, HostTensor>();
  for (const [name, tensor] of stored) {
    const scales = stored.get(`${name}${scaleSuffix}`);
    const isScale = name.endsWith(scaleSuffix) && stored.get(name.slice(0, -scaleSuffix.length))?.dtype === 'U8';
    if (isScale) continue;
    if (tensor.dtype !== 'U8' || !scales) {
      tensors.set(name, tensor);
      continue;
    }
    const length = tensor.data.length / scales.data.length;
    const values = Float32Array.from(
      tensor.data as Uint8Array,
      (byte, i) => Number(scales.data[Math.floor(i / length)]) * (byte - zero),
    );
    tensors.set(name, { dtype: 'F32', shape: tensor.shape, data: values });
  }
  return tensors;
}
