import type { MixedType } from '@ltml/tensor';

/** Settings of a TensorFlow session. */
export interface SessionSettings {
  /** Whether independent kernels run in parallel; otherwise all run in the thread that starts the run. */
  readonly sideBySide: boolean;
  /** Type of convolutions and matrix multiplications; undefined: float32. */
  readonly mixed: MixedType | undefined;
}

/** Field numbers in TensorFlow's protocol buffers ConfigProto, GraphOptions and GPUOptions. */
const fields = { interOpThreads: 5, gpuOptions: 6, graphOptions: 10, rewriteOptions: 10, memoryShare: 1 };

/**
 * Numbers of the graph rewriters in RewriterConfig that add casts to 16-bit floats: `auto_mixed_precision`, and
 * oneDNN's.
 */
const rewriters: Readonly<Record<MixedType, number>> = { float16: 23, bfloat16: 31 };

/** Settings of a session as a serialised ConfigProto; undefined if TensorFlow's defaults are right. */
export function sessionConfig({ sideBySide, mixed }: SessionSettings): Uint8Array | undefined {
  const rewriting = mixed ? message(fields.rewriteOptions, number(rewriters[mixed], 1n)) : [];
  const config = [
    ...(sideBySide ? [] : number(fields.interOpThreads, -1n)),
    ...(mixed ? message(fields.graphOptions, rewriting) : []),
  ];
  return config.length > 0 ? Uint8Array.from(config) : undefined;
}

/**
 * Settings of the process as a serialised ConfigProto.
 *
 * @param memoryShare largest share of a graphics card's memory that TensorFlow may use, in (0, 1]
 */
export function processConfig(memoryShare: number): Uint8Array {
  const double = new Uint8Array(new Float64Array([memoryShare]).buffer);
  return Uint8Array.from(message(fields.gpuOptions, [(fields.memoryShare << 3) | 1, ...double]));
}

function number(field: number, value: bigint): number[] {
  return [...varint(BigInt(field << 3)), ...varint(BigInt.asUintN(64, value))];
}

function message(field: number, content: readonly number[]): number[] {
  return [...varint(BigInt((field << 3) | 2)), ...varint(BigInt(content.length)), ...content];
}

/** A varint: seven bits per byte, the lowest bits first. */
function varint(value: bigint): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return [...bytes, Number(rest)];
}
