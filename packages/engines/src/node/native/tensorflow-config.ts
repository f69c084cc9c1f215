import type { MixedType } from '@ltml/tensor';

export interface SessionSettings {
  /** Whether kernels that do not depend on each other run side by side; else all run in the thread that asks for the run. */
  readonly sideBySide: boolean;
  /** What convolutions and products of matrices compute in, if not in float32. */
  readonly mixed: MixedType | undefined;
}

/** Fields by their numbers in TensorFlow's protocol buffers ConfigProto, GraphOptions and GPUOptions. */
const fields = { interOpThreads: 5, gpuOptions: 6, graphOptions: 10, rewriteOptions: 10, memoryShare: 1 };

/** The graph rewriters of RewriterConfig that put casts to 16-bit floats around ops: `auto_mixed_precision` and oneDNN's. */
const rewriters: Readonly<Record<MixedType, number>> = { float16: 23, bfloat16: 31 };

/** The settings of a session as a serialised ConfigProto; undefined where TensorFlow's own will do. */
export function sessionConfig({ sideBySide, mixed }: SessionSettings): Uint8Array | undefined {
  const rewriting = mixed ? message(fields.rewriteOptions, number(rewriters[mixed], 1n)) : [];
  const config = [
    ...(sideBySide ? [] : number(fields.interOpThreads, -1n)),
    ...(mixed ? message(fields.graphOptions, rewriting) : []),
  ];
  return config.length > 0 ? Uint8Array.from(config) : undefined;
}

/**
 * The settings of the process as a serialised ConfigProto.
 *
 * @param memoryShare the share of a graphics card's memory that TensorFlow takes at most
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

/** Seven bits a byte, the lowest first. */
function varint(value: bigint): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return [...bytes, Number(rest)];
}
