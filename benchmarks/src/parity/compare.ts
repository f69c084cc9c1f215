import type { HostTensor } from '@ltml/tensor';
import { findMismatch } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import type { JsonValue, ParityValue } from '../../../packages/tensor/parity/adapter.ts';
import { isRecord, type ParityCase } from './index-file.ts';
import { flatNumbers, type StoredValue, type StoredValues, shapeOf, toNumbers } from './stored.ts';
import { type Rule, ruleFor } from './tolerance.ts';

/** Compares one output with the stored value. @returns null, or what is wrong */
export async function compareOutput(
  parityCase: ParityCase,
  stored: StoredValues,
  name: string,
  actual: ParityValue | undefined,
): Promise<string | null> {
  if (actual === undefined) return `${name}: the adapter returned nothing`;
  const expected = stored.get(name);
  const rule = ruleFor(name, parityCase.tolerance);
  const problem =
    rule.kind === 'statistical'
      ? compareDraws(await toHost(actual), rule.sigmas, name, parityCase, stored)
      : 'json' in expected && isJson(actual)
        ? compareJson(actual, expected.json, rule)
        : compareHost(await toHost(actual), expected, rule);
  return problem && `${name}: ${problem}`;
}

/** Numbers with their shape. A flat list has the shape null, which matches any shape of the same size. */
interface HostNumbers {
  readonly shape: readonly number[] | null;
  readonly values: ArrayLike<number>;
}

async function toHost(value: ParityValue): Promise<HostNumbers | null> {
  if (value instanceof tf.Tensor) return { shape: value.shape, values: await value.data<'float32'>() };
  if (ArrayBuffer.isView(value)) return { shape: null, values: value as unknown as ArrayLike<number> };
  if (isRecord(value) && 'data' in value && 'shape' in value) {
    const tensor = value as unknown as HostTensor;
    return { shape: tensor.shape, values: toNumbers(tensor) };
  }
  const nested = value as JsonValue;
  const shape = shapeOf(nested);
  if (!shape) return null;
  return { shape: shape.length === 1 ? null : shape, values: flatNumbers(nested) };
}

function isJson(value: ParityValue): value is JsonValue {
  return !(value instanceof tf.Tensor || ArrayBuffer.isView(value) || (isRecord(value) && 'dtype' in value));
}

function compareHost(actual: HostNumbers | null, expected: StoredValue, rule: Rule): string | null {
  if (!actual) return 'expected numbers in a regular array, got something else';
  const shape = 'tensor' in expected ? expected.tensor.shape : shapeOf(expected.json);
  if (!shape) return 'expected structured values, got numbers';
  // The file stores a scalar as a list of one number.
  const isScalar = (sizes: readonly number[]): boolean => sizes.join() === '' || sizes.join() === '1';
  if (actual.shape && actual.shape.join() !== shape.join() && !(isScalar(actual.shape) && isScalar(shape))) {
    return `expected shape [${shape.join(', ')}], got [${actual.shape.join(', ')}]`;
  }
  const values = 'tensor' in expected ? toNumbers(expected.tensor) : flatNumbers(expected.json);
  return compareNumbers(actual.values, values, rule);
}

function compareNumbers(actual: ArrayLike<number>, expected: readonly number[], rule: Rule): string | null {
  if (rule.kind !== 'close') return 'this kind of tolerance does not apply to plain numbers';
  const { relative, absolute, scale } = rule;
  if (scale === 'none') return findMismatch(actual, expected, { relative, absolute });
  const largest = expected.reduce((max, value) => (Number.isFinite(value) ? Math.max(max, Math.abs(value)) : max), 0);
  if (scale === 'absolute') return findMismatch(actual, expected, { relative, absolute: absolute * largest });
  return findMismatch(actual, expected, { relative: 0, absolute: Math.max(relative, absolute) * Math.max(1, largest) });
}

/** Compares structured values entry by entry: numbers with the rule, text and names exactly. */
function compareJson(actual: JsonValue, expected: JsonValue, rule: Rule): string | null {
  const shape = shapeOf(expected);
  if (shape) {
    const numbers = shapeOf(actual);
    if (!numbers) return `expected numbers, got ${show(actual)}`;
    const flatFits = numbers.length === 1 && rule.kind === 'close';
    if (numbers.join() !== shape.join() && !flatFits) return `expected shape [${shape}], got [${numbers}]`;
    return compareNumbers(flatNumbers(actual), flatNumbers(expected), rule);
  }
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual)) return `expected a list, got ${show(actual)}`;
    if (actual.length !== expected.length) return `expected ${expected.length} entries, got ${actual.length}`;
    return firstProblem(expected.keys(), (i) => compareJson(actual[i], expected[i], rule));
  }
  if (isRecord(expected)) {
    if (!isRecord(actual)) return `expected an object, got ${show(actual)}`;
    const fields = expected as Readonly<Record<string, JsonValue>>;
    const extra = Object.keys(actual).filter((key) => !(key in fields));
    if (extra.length > 0) return `unexpected ${extra.join(', ')}`;
    return firstProblem(Object.keys(fields), (key) => {
      const value = (actual as Record<string, JsonValue>)[key];
      if (value === undefined) return 'missing';
      return compareJson(value, fields[key], rule.kind === 'summary' ? ruleOfSummary(key, fields, rule) : rule);
    });
  }
  return actual === expected ? null : `expected ${show(expected)}, got ${show(actual)}`;
}

/** The rule for a field of a summary, from the standard deviation stored beside it. */
function ruleOfSummary(
  key: string,
  summary: Readonly<Record<string, JsonValue>>,
  rule: Rule & { kind: 'summary' },
): Rule {
  const { std, l2, shape } = summary;
  if (key === 'shape') return { kind: 'close', relative: 0, absolute: 0, scale: 'none' };
  if (shapeOf(summary[key]) === null) return rule;
  if (typeof std === 'number') {
    return { kind: 'close', relative: 0, absolute: rule.relativeToDeviation * std, scale: 'none' };
  }
  if (typeof l2 === 'number') {
    const count = (shape as number[]).reduce((product, size) => product * size, 1);
    const absolute = rule.gradient * (key === 'l2' ? l2 : l2 / Math.sqrt(count));
    return { kind: 'close', relative: 0, absolute, scale: 'none' };
  }
  return { kind: 'close', relative: rule.relativeToDeviation, absolute: 0, scale: 'none' };
}

/**
 * Compares counts `drawn_X_count` of `params.num_draws` independent draws with the stored `X_probability` of one draw.
 */
function compareDraws(
  actual: HostNumbers | null,
  sigmas: number,
  name: string,
  parityCase: ParityCase,
  stored: StoredValues,
): string | null {
  const draws = parityCase.params.num_draws;
  const probability = name.replace(/^drawn_/, '').replace(/_count$/, '_probability');
  if (typeof draws !== 'number' || !stored.names.includes(probability)) {
    return `a statistical comparison needs params.num_draws and a stored ${probability}`;
  }
  const expected = stored.get(probability);
  const p = 'tensor' in expected ? toNumbers(expected.tensor) : flatNumbers(expected.json);
  if (!actual || actual.values.length !== p.length) return `expected ${p.length} counts`;
  const total = Array.from(actual.values).reduce((sum, count) => sum + count, 0);
  if (total !== draws) return `expected ${draws} draws in all, got ${total}`;
  const far = p.findIndex(
    (chance, i) => !(Math.abs(actual.values[i] - draws * chance) <= sigmas * Math.sqrt(draws * chance * (1 - chance))),
  );
  return far < 0 ? null : `count ${far} is ${actual.values[far]}, over ${sigmas} sigma from ${draws * p[far]}`;
}

function firstProblem<K extends string | number>(keys: Iterable<K>, check: (key: K) => string | null): string | null {
  for (const key of keys) {
    const problem = check(key);
    if (problem) return `at ${key}: ${problem}`;
  }
  return null;
}

function show(value: JsonValue): string {
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
