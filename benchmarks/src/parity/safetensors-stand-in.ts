import type { HostTensor } from '@ltml/tensor';

const arrays = {
  F32: Float32Array,
  F64: Float64Array,
  I32: Int32Array,
  I64: BigInt64Array,
  U8: Uint8Array,
  BOOL: Uint8Array,
};

export function readSafetensors(bytes: Uint8Array): Map<string, HostTensor> {
  const copy = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
  const length = Number(new DataView(copy).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(copy, 8, length)));
  const tensors = new Map<string, HostTensor>();
  for (const [name, { dtype, shape, data_offsets: offsets }] of Object.entries<{
    dtype: string;
    shape: number[];
    data_offsets: number[];
  }>(header)) {
    if (name === '__metadata__') continue;
    const data = new arrays[dtype as 'F32'](copy.slice(8 + length + offsets[0], 8 + length + offsets[1]));
    tensors.set(name, { dtype: dtype as 'F32', shape, data });
  }
  return tensors;
}
