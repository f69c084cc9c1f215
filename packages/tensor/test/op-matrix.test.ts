import { ShapeError } from '@ltml/tensor';
import { findMismatch } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, expect, test } from 'vitest';
import { type OpCase, opCases } from './op-cases.ts';
import { type Judgement, namesIn, readMatrix, type Support, writeEngine } from './op-matrix-file.ts';
import { expectNoLeak, gradientsOf, randomTensor } from './support.ts';

const engine = process.env.LTML_BACKEND ?? 'wasm';
const active = tf.getBackend();
const judgements = new Map<string, Judgement>();

// Small inputs would be computed on the host, by the reference's own code.
if (active === 'webgpu') tf.env().set('WEBGPU_CPU_FORWARD', false);

interface Numbers {
  readonly value: ArrayLike<number>;
  readonly gradient: ArrayLike<number>;
}

/** Value and gradients, one after another, of a case on an engine. */
async function compute({ shapes, run }: OpCase, backend: string): Promise<Partial<Numbers>> {
  await tf.setBackend(backend);
  const inputs = shapes.map((shape, i) => randomTensor(shape, i + 1));
  let value: ArrayLike<number> | undefined;
  try {
    const y = run(...inputs);
    value = await y.data();
    const gradients = gradientsOf(run, inputs, randomTensor(y.shape, 99));
    const parts = await Promise.all(gradients.map((gradient) => gradient.data()));
    return { value, gradient: parts.flatMap((part) => Array.from(part)) };
  } catch {
    return { value };
  } finally {
    await tf.setBackend(active);
  }
}

/** A tolerance as to sums of terms of the size of the largest result. */
function agrees(actual: ArrayLike<number> | undefined, expected: ArrayLike<number>): boolean {
  const largest = Array.from(expected).reduce((max, value) => Math.max(max, Math.abs(value)), 1);
  return actual !== undefined && findMismatch(actual, expected, { relative: 1e-4, absolute: 1e-4 * largest }) === null;
}

/** No images: an empty result and gradients of zeros, or a refusal where nothing has no value. */
async function treatsNothing({ shapes, run, batched = 1, refusesNothing = false }: OpCase): Promise<boolean> {
  const inputs = shapes.map((shape, i) => randomTensor(i < batched ? [0, ...shape.slice(1)] : shape, i + 1));
  try {
    const y = run(...inputs);
    const gradients = gradientsOf(run, inputs, tf.zeros(y.shape));
    const values = await Promise.all(gradients.map((gradient) => gradient.data()));
    const isRight = gradients.every(({ shape }, i) => `${shape}` === `${inputs[i].shape}`);
    return (
      !refusesNothing && y.shape[0] === 0 && y.size === 0 && isRight && values.every((all) => all.every((v) => v === 0))
    );
  } catch (error) {
    return refusesNothing && error instanceof ShapeError;
  }
}

/** Whole numbers and booleans: the float32 result of the same numbers. */
async function treatsTypes({ shapes, run }: OpCase): Promise<boolean> {
  const inputs = shapes.map((shape, i) => randomTensor(shape, i + 1));
  for (const [dtype, rounded] of [
    ['int32', tf.round(tf.mul(inputs[0], 3))],
    ['bool', tf.cast(tf.greater(inputs[0], 0), 'float32')],
  ] as const) {
    try {
      const [actual, expected] = [tf.cast(rounded, dtype), rounded].map((x) => run(x, ...inputs.slice(1)));
      if (actual.dtype !== 'float32' || !agrees(await actual.data(), await expected.data())) return false;
    } catch {
      return false;
    }
  }
  return true;
}

async function judge(opCase: OpCase): Promise<Support> {
  const expected = (await compute(opCase, 'cpu')) as Numbers;
  const actual = await compute(opCase, active);
  if (!agrees(actual.value, expected.value)) return 'no';
  return agrees(actual.gradient, expected.gradient) ? 'value, gradient' : 'value';
}

const committed = readMatrix();

test.each(opCases.map((opCase) => [opCase.name, opCase] as const))('%s is as the matrix says', async (name, opCase) => {
  const support = await judge(opCase);
  const [empty, dtype] = [await treatsNothing(opCase), await treatsTypes(opCase)];
  judgements.set(name, { support, empty, dtype });
  if (process.env.LTML_WRITE_MATRIX) return;
  expect(committed.has(name), 'a row in docs/op-matrix.md; LTML_WRITE_MATRIX=1 writes it').toBe(true);
  const promised = committed.get(name)?.[engine];
  if (!promised) return;
  expect(support).toBe(promised);
  expect({ empty, dtype }).toEqual({
    empty: namesIn(committed.get(name)?.empty).includes(engine),
    dtype: namesIn(committed.get(name)?.dtype).includes(engine),
  });
});

test.each(opCases.map((opCase) => [opCase.name, opCase] as const))('%s leaves no tensor behind', (_, opCase) => {
  // The active engine may lack the op: the matrix says so.
  if (judgements.get(opCase.name)?.support !== 'value, gradient') return;
  const inputs = opCase.shapes.map((shape, i) => randomTensor(shape, i + 1));
  expectNoLeak(opCase.run, inputs);
});

test('the matrix has no op that is gone', () => {
  if (process.env.LTML_WRITE_MATRIX) return;
  expect([...committed.keys()].filter((op) => !opCases.some(({ name }) => name === op))).toEqual([]);
});

afterAll(() => {
  if (process.env.LTML_WRITE_MATRIX) writeEngine(engine, judgements);
});
