import type { ConstantValue, GraphNode } from '../compile/graph.ts';
import { bool, float, int32, int64 } from './types.ts';

/** The value of a constant node; undefined for other nodes. */
export function constantOf(node: GraphNode | undefined): ConstantValue | undefined {
  const value = node?.op === 'Const' ? node.attributes.get('value') : undefined;
  return value && 'tensor' in value ? value.tensor : undefined;
}

/** The values of a constant; 64-bit integers become 32-bit ones. */
export function numbersOf({ dtype, bytes }: ConstantValue): Float32Array | Int32Array | Uint8Array {
  // A copy, since typed arrays need an aligned start.
  const { buffer } = Uint8Array.from(bytes);
  if (dtype === float) return new Float32Array(buffer);
  if (dtype === int32) return new Int32Array(buffer);
  if (dtype === int64) return Int32Array.from(new BigInt64Array(buffer), Number);
  if (dtype === bool) return new Uint8Array(buffer);
  throw new Error(`constants of the type ${dtype} are unknown`);
}

/** A constant of 32-bit integers; default shape: a list. */
export function int32Constant(values: readonly number[], shape: readonly number[] = [values.length]): ConstantValue {
  return { dtype: int32, shape, bytes: new Uint8Array(Int32Array.from(values).buffer) };
}

/** A constant of float32 values. */
export function floatConstant(values: ArrayLike<number>, shape: readonly number[]): ConstantValue {
  return { dtype: float, shape, bytes: new Uint8Array(Float32Array.from(values).buffer) };
}

/** Whether two arrays have equal bytes. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && Buffer.compare(a, b) === 0;
}
