import { OptionError } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

type Fits = (value: unknown) => boolean;

/** A function, or a class, with options. */
export interface OptionsRow {
  /** A call with options that are all right but for what the test changes; it may be asynchronous. */
  readonly call: (options: never) => unknown;
  readonly valid: Readonly<Record<string, unknown>>;
  /** Which values each option may have; `anything` for objects and functions, which are looked at when they are used. */
  readonly options: Readonly<Record<string, Fits>>;
}

export const anything: Fits = () => true;
export const flag: Fits = (value) => typeof value === 'boolean';
export const choice =
  (...names: string[]): Fits =>
  (value) =>
    names.includes(value as string);
export const number =
  (within: (value: number) => boolean = () => true): Fits =>
  (value) =>
    Number.isFinite(value) && within(value as number);
export const count =
  (min = 1, max = Number.MAX_SAFE_INTEGER): Fits =>
  (value) =>
    Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max;

export const notNegative: Fits = number((value) => value >= 0);
export const positive: Fits = number((value) => value > 0);
export const share: Fits = number((value) => value >= 0 && value <= 1);
export const belowOne: Fits = number((value) => value >= 0 && value < 1);

/** The values that hands slip on, and any others. */
const anyValue = fc.oneof(
  fc.constantFrom<unknown>(
    0,
    -1,
    -0.5,
    1.5,
    Number.NaN,
    Infinity,
    -Infinity,
    1e300,
    2 ** 53,
    '1',
    '',
    'adam',
    true,
    {},
    [],
  ),
  fc.double(),
  fc.integer(),
  fc.string(),
);

/** What a call ends with: its error, or nothing. Tensors that it makes are freed. */
async function endOf(call: () => unknown): Promise<unknown> {
  tf.engine().startScope();
  try {
    await call();
    return undefined;
  } catch (error) {
    return error;
  } finally {
    tf.engine().endScope();
  }
}

/**
 * Every function with options takes what is right, refuses what is out of range by its name, and names that it does not know.
 *
 * @param sources text that exports the types of options, each of which should have its rows
 */
export function describeOptions(rows: Readonly<Record<string, readonly OptionsRow[]>>, sources: string): void {
  const named = Object.entries(rows).flatMap(([type, calls]) =>
    calls.map((row, i) => [`${type}, ${i + 1}`, row] as const),
  );

  describe('options', () => {
    test('all types of options have a row here, and all their options', () => {
      const types = [...sources.matchAll(/\b(?:type|export interface) (\w+(?:Options|Bounds))\b/g)];
      expect(types.map(([, type]) => type).sort()).toEqual(Object.keys(rows).sort());
    });

    test.each(named)('%s: what is right is taken', async (_, { call, valid }) => {
      expect(await endOf(() => call(valid as never))).toBeUndefined();
    });

    test.each(named)('%s: what is out of range is refused by name', async (_, { call, valid, options }) => {
      const names = Object.keys(options);
      await fc.assert(
        fc.asyncProperty(fc.constantFrom(...names), anyValue, async (name, value) => {
          if (options[name](value)) return;
          const error = await endOf(() => call({ ...valid, [name]: value } as never));
          expect(error, `${name}: ${String(value)}`).toBeInstanceOf(OptionError);
          expect(String(error)).toContain(name);
        }),
        { numRuns: 150 },
      );
    });

    test.each(named)(
      '%s: names that are none are refused, and all others known',
      async (_, { call, valid, options }) => {
        for (const name of Object.keys(options)) {
          for (const typo of [`${name}s`, name.toUpperCase(), name.slice(1)]) {
            expect(String(await endOf(() => call({ ...valid, [typo]: 1 } as never)))).toMatch(/unknown option/);
          }
        }
        const error = String(await endOf(() => call({ ...valid, nothing: 1 } as never)));
        const known = /made of (.*), got/.exec(error)?.[1];
        expect(known?.split(', ').sort()).toEqual(Object.keys(options).sort());
      },
    );
  });
}
