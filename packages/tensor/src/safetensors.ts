/** A tensor on the host, as safetensors holds it. F16 and BF16 are widened to F32 when read. */
export interface HostTensor {
  readonly dtype: 'F32' | 'F64' | 'I32' | 'I64' | 'U8' | 'BOOL';
  readonly shape: readonly number[];
  readonly data: Float32Array | Float64Array | Int32Array | BigInt64Array | Uint8Array;
}
