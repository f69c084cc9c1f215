import * as tf from '@tensorflow/tfjs-core';
import { type OpCase, opCases } from '../../tensor/test/op-cases.ts';
import { gradientsOf, randomTensor } from '../../tensor/test/support.ts';
import { tfjsCases } from './tfjs-cases.ts';

export const allCases: readonly OpCase[] = [...opCases, ...tfjsCases];

/** Of each case its value and its gradients on the active engine; where the engine refuses it, the message. */
export type CaseResults = Readonly<Record<string, readonly number[][] | string>>;

export async function computeCases(): Promise<CaseResults> {
  const results: Record<string, number[][] | string> = {};
  for (const opCase of allCases) {
    results[opCase.name] = await computeCase(opCase).catch((error) => String(error));
  }
  return results;
}

async function computeCase({ shapes, run }: OpCase): Promise<number[][]> {
  const tensors = tf.tidy(() => {
    const inputs = shapes.map((shape, i) => randomTensor(shape, i + 1));
    const y = run(...inputs);
    // Weighted, so that no gradient is trivial.
    return [y, ...gradientsOf(run, inputs, randomTensor(y.shape, 99))];
  });
  const values = await Promise.all(tensors.map((tensor) => tensor.data()));
  tf.dispose(tensors);
  return values.map((value) => Array.from(value));
}
