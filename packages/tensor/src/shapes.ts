import { ShapeError } from './errors.ts';

/** Anything with a shape: a tensor, a variable, an array in host memory. */
export interface Shaped {
  readonly shape: readonly number[];
}

/** The axis letters in a specification: `'B C 3 *'` names `B` and `C`. */
type AxisNames<S extends string> = S extends `${infer Head} ${infer Rest}`
  ? AxisNames<Head> | AxisNames<Rest>
  : S extends '' | '*' | `${number}`
    ? never
    : S;

/** The sizes found by {@link checkShapes}, by axis letter. */
export type AxisSizes<A extends Record<string, readonly [Shaped, string]>> = {
  readonly [K in AxisNames<A[keyof A][1]>]: number;
};

/**
 * Checks the shapes of several arguments against each other and returns the sizes.
 *
 * A specification lists the axes in order, separated by spaces. A letter or word gets its size at its first use and
 * must match afterwards. A number must match exactly, and `*` matches any size. `''` is a scalar.
 *
 * ```ts
 * const { B, C } = checkShapes('bce', { logits: [logits, 'B C'], labels: [labels, 'B C'] });
 * ```
 *
 * @throws ShapeError naming the function, the argument, the expected shape with the sizes found so far, and the given
 *   shape
 */
export function checkShapes<const A extends Record<string, readonly [Shaped, string]>>(
  where: string,
  args: A,
): AxisSizes<A> {
  const sizes: Record<string, number> = {};
  const boundBy: Record<string, string> = {};
  for (const [argument, [given, specification]] of Object.entries(args)) {
    const shape = checkTensor(where, argument, given);
    const axes = specification === '' ? [] : specification.split(' ');
    const wanted = axes.map((axis) => (/^\d+$/.test(axis) ? Number(axis) : sizes[axis]));
    const fits = axes.length === shape.length && wanted.every((size, i) => size === undefined || size === shape[i]);
    if (!fits) {
      const known = wanted.some((size) => size !== undefined);
      const sources = new Set(axes.map((axis) => boundBy[axis]).filter((name) => name !== undefined));
      throw new ShapeError({
        where,
        argument,
        expected:
          `[${axes.join(', ')}]` +
          (known ? ` = [${axes.map((axis, i) => wanted[i] ?? axis).join(', ')}]` : '') +
          (sources.size > 0 ? `, to fit ${[...sources].join(' and ')}` : ''),
        received: `[${shape.join(', ')}]`,
      });
    }
    for (const [i, axis] of axes.entries()) {
      if (axis === '*' || wanted[i] !== undefined) continue;
      // A letter that occurs twice in one specification ('C C') must have the same size.
      if (sizes[axis] !== undefined && sizes[axis] !== shape[i]) {
        throw new ShapeError({
          where,
          argument,
          expected: `[${axes.join(', ')}] with equal ${axis}`,
          received: `[${shape.join(', ')}]`,
        });
      }
      sizes[axis] = shape[i];
      boundBy[axis] ??= argument;
    }
  }
  return sizes as AxisSizes<A>;
}

/** The shape of an argument. @throws ShapeError if it has none, e.g. an array */
export function checkTensor(where: string, argument: string, given: Shaped): readonly number[] {
  const shape: unknown = (given as Partial<Shaped> | null | undefined)?.shape;
  if (Array.isArray(shape)) return shape;
  const isArray = Array.isArray(given) || ArrayBuffer.isView(given);
  throw new ShapeError({
    where,
    argument,
    expected: 'a tensor',
    received: isArray ? 'an array' : given === null ? 'null' : typeof given,
    ...(isArray && { hint: 'Convert it with tf.tensor' }),
  });
}
