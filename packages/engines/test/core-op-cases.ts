import * as tf from '@tensorflow/tfjs-core';

/** A call of an op of TensorFlow.js. */
export interface CoreOpCase {
  readonly name: string;
  /** Its inputs, made on the engine that is active. */
  inputs(): tf.Tensor[];
  run(...inputs: tf.Tensor[]): unknown;
}

type Any = ReturnType<typeof JSON.parse>;
const ops = tf as unknown as Record<string, (...args: Any[]) => unknown>;

/** Of what is no op on tensors, draws at random, answers by a promise, or makes tensors from numbers alone. */
const passedOver = new Set([
  ...['booleanMaskAsync', 'whereAsync', 'setdiff1dAsync', 'print', 'variable', 'buffer', 'tensor'],
  ...['dropout', 'multinomial', 'rand', 'randomGamma', 'randomNormal', 'randomStandardNormal', 'randomUniform'],
  ...['randomUniformInt', 'truncatedNormal', 'fill', 'linspace', 'ones', 'zeros', 'range', 'scalar', 'eye'],
  ...['tensor1d', 'tensor2d', 'tensor3d', 'tensor4d', 'tensor5d', 'tensor6d', 'complex', 'hammingWindow', 'hannWindow'],
]);

/** The names of the ops: what the package exports by the name of a file in the folder of ops, `log_softmax.js` for one. */
export function coreOpNames(files: readonly string[]): string[] {
  const stems = new Set(
    files.filter((file) => /^\w+\.js$/.test(file)).map((file) => plain(file.slice(0, -'.js'.length))),
  );
  const isOp = (name: string) => /^[a-z]/.test(name) && typeof ops[name] === 'function' && stems.has(plain(name));
  return Object.keys(tf).filter((name) => isOp(name) && !passedOver.has(name));
}

const plain = (name: string): string => name.replaceAll('_', '').toLowerCase();

const count = (shape: readonly number[]): number => shape.reduce((size, n) => size * n, 1);

function make(dtype: tf.DataType, shape: number[], start = 0): tf.Tensor {
  const places = Array.from({ length: count(shape) }, (_, i) => i + start);
  if (dtype === 'string') return tf.tensor(places.map(String), shape, 'string');
  if (dtype === 'complex64') {
    const part = (shift: number) =>
      tf.tensor(
        Float32Array.from(places, (i) => i - shift),
        shape,
      );
    return tf.complex(part(1), part(2));
  }
  if (dtype === 'bool')
    return tf.tensor(
      Uint8Array.from(places, (i) => i % 2),
      shape,
      'bool',
    );
  if (dtype === 'int32')
    return tf.tensor(
      Int32Array.from(places, (i) => i % 3),
      shape,
      'int32',
    );
  return tf.tensor(
    Float32Array.from(places, (i) => Math.sin(1.7 * i + 1) * 2),
    shape,
  );
}

const operands: readonly (readonly [tf.DataType, number[]])[] = [
  ...[
    [],
    [0],
    [3],
    [2, 3],
    [2, 0],
    [0, 3],
    [1, 3, 3],
    [2, 3, 3],
    [2, 3, 0],
    [1, 3, 3, 2],
    [0, 3, 3, 2],
    [1, 2, 1, 2, 3],
  ].map((shape) => ['float32', shape] as const),
  ...[[], [3], [2, 3], [0, 3]].map((shape) => ['int32', shape] as const),
  ...[[3], [2, 3]].map((shape) => ['bool', shape] as const),
  ...[[], [3], [2, 3]].flatMap((shape) => [['string', shape] as const, ['complex64', shape] as const]),
];

const index = (): tf.Tensor1D => tf.tensor1d([1, 0], 'int32');

/** How an op is called with one operand x and perhaps another y of the same kind. */
const calls: readonly (readonly [string, (x: tf.Tensor, y: tf.Tensor) => Any[]])[] = [
  ['x', (x) => [x]],
  ['x, y', (x, y) => [x, y]],
  ['x, y, x', (x, y) => [x, y, x]],
  ['x, 0', (x) => [x, 0]],
  ['x, 1', (x) => [x, 1]],
  ['x, -1', (x) => [x, -1]],
  ['x, -1, true', (x) => [x, -1, true]],
  ['x, [0]', (x) => [x, [0]]],
  ['x, [0, 1]', (x) => [x, [0, 1]]],
  ['x, null, true', (x) => [x, null, true]],
  ['[x, y]', (x, y) => [[x, y]]],
  ['[x, y], 1', (x, y) => [[x, y], 1]],
  ['x, index', (x) => [x, index()]],
  ['x, index, 1', (x) => [x, index(), 1]],
  ['x, index, 2', (x) => [x, index(), 2]],
];

/** A depth that is a tensor becomes part of a shape, which TensorFlow.js can't free any more when the tensor is gone. */
function callsOf(name: string): typeof calls {
  return name === 'oneHot' ? calls.filter(([form]) => !/y|index/.test(form)) : calls;
}

/** Every op with operands of every kind, whatever comes of it. */
export function anyCases(names: readonly string[]): CoreOpCase[] {
  return names.flatMap((name) =>
    operands.flatMap(([dtype, shape]) =>
      callsOf(name).map(([form, list]) => ({
        name: `${name}(${form}) of ${dtype} [${shape}]`,
        inputs: () => (form.includes('y') ? [make(dtype, shape), make(dtype, shape, 2)] : [make(dtype, shape)]),
        run: (x: tf.Tensor, y: tf.Tensor) => ops[name](...list(x, y)),
      })),
    ),
  );
}

const paddings = [
  'valid',
  'same',
  1,
  [
    [0, 0],
    [1, 0],
    [0, 1],
    [0, 0],
  ],
] as Any[];

function of(name: string, shapes: number[][], run: CoreOpCase['run'], dtype: tf.DataType = 'float32'): CoreOpCase {
  const label = `${name} of ${dtype} ${shapes.map((shape) => `[${shape}]`).join(' ')}`;
  return { name: label, inputs: () => shapes.map((shape, i) => make(dtype, shape, i)), run };
}

const maps = [
  [1, 5, 4, 2],
  [0, 5, 4, 2],
  [2, 2, 2, 2],
];
const wholes = ['float32', 'int32', 'bool', 'string', 'complex64'] as const;

/** The ops that need more than that, above all those whose kernels are ours. */
export const chosenCases: readonly CoreOpCase[] = [
  ...maps.flatMap((map) =>
    paddings.flatMap((pad) =>
      [1, 2].flatMap((stride) =>
        (['float32', 'int32'] as const).flatMap((dtype) => [
          of(`conv2d ${pad} ${stride}`, [map, [2, 2, 2, 3]], (x: Any, f: Any) => tf.conv2d(x, f, stride, pad), dtype),
          of(
            `depthwiseConv2d ${pad} ${stride}`,
            [map, [2, 2, 2, 2]],
            (x: Any, f: Any) => tf.depthwiseConv2d(x, f, stride, pad),
            dtype,
          ),
          of(`maxPool ${pad} ${stride}`, [map], (x: Any) => tf.maxPool(x, 2, stride, pad), dtype),
          of(`avgPool ${pad} ${stride}`, [map], (x: Any) => tf.avgPool(x, 2, stride, pad), dtype),
        ]),
      ),
    ),
  ),
  of(
    'conv2d NCHW',
    [
      [1, 2, 5, 4],
      [2, 2, 2, 3],
    ],
    (x: Any, f: Any) => tf.conv2d(x, f, 1, 'valid', 'NCHW'),
  ),
  of(
    'conv2d dilated',
    [
      [1, 5, 4, 2],
      [2, 2, 2, 3],
    ],
    (x: Any, f: Any) => tf.conv2d(x, f, 1, 'same', 'NHWC', 2),
  ),
  of(
    'conv1d',
    [
      [2, 5, 3],
      [2, 3, 4],
    ],
    (x: Any, f: Any) => tf.conv1d(x, f, 1, 'same'),
  ),
  of(
    'separableConv2d',
    [
      [1, 5, 4, 2],
      [2, 2, 2, 1],
      [1, 1, 2, 3],
    ],
    (x: Any, d: Any, p: Any) => tf.separableConv2d(x, d, p, 1, 'same'),
  ),
  of('fused.conv2d', [[1, 5, 4, 2], [2, 2, 2, 3], [3]], (x: Any, filter: Any, bias: Any) =>
    tf.fused.conv2d({ x, filter, strides: 1, pad: 'same', bias, activation: 'relu' }),
  ),
  of('fused.matMul', [[2, 3], [3, 4], [4]], (a: Any, b: Any, bias: Any) =>
    tf.fused.matMul({ a, b, bias, activation: 'relu' }),
  ),
  ...[
    [1, 4, 4, 2],
    [1, 5, 4, 2],
    [1, 8, 8, 2],
    [1, 3, 3, 2],
  ].flatMap((size: Any) =>
    (['same', 'valid'] as const).flatMap((pad) =>
      [1, 2].map((stride) =>
        of(
          `conv2dTranspose ${size} ${pad} ${stride}`,
          [
            [1, 4, 4, 3],
            [2, 2, 2, 3],
          ],
          (x: Any, f: Any) => tf.conv2dTranspose(x, f, size, stride, pad),
        ),
      ),
    ),
  ),
  of(
    'conv2dTranspose 4×4 from 8×8',
    [
      [1, 8, 8, 1],
      [3, 3, 1, 1],
    ],
    (x: Any, f: Any) => tf.conv2dTranspose(x, f, [1, 4, 4, 1], 1, 'same'),
  ),
  ...wholes.flatMap((dtype) => [
    ...[[], [3], [2, 3], [2, 3, 2]].flatMap((shape) => [
      of('reverse', [shape], (x) => tf.reverse(x), dtype),
      of('reverse null', [shape], (x) => tf.reverse(x, null as Any), dtype),
      of('reverse []', [shape], (x) => tf.reverse(x, []), dtype),
      of('expandDims -1', [shape], (x) => tf.expandDims(x, -1), dtype),
      of('expandDims 1', [shape], (x) => tf.expandDims(x, 1), dtype),
      of('clone', [shape], (x) => tf.clone(x), dtype),
      of('transpose', [shape], (x) => tf.transpose(x), dtype),
      of('sum 0', [shape], (x) => tf.sum(x, 0), dtype),
      of('sum -1', [shape], (x) => tf.sum(x, -1, true), dtype),
      of('sum [1, 0]', [shape], (x) => tf.sum(x, [1, 0]), dtype),
    ]),
    of('transpose [1, 0, 2]', [[2, 3, 2]], (x) => tf.transpose(x, [1, 0, 2]), dtype),
    of('transpose [2, 0, 1]', [[2, 3, 2]], (x) => tf.transpose(x, [2, 0, 1]), dtype),
    of('reverse [0, -1]', [[2, 3, 2]], (x) => tf.reverse(x, [0, -1]), dtype),
    ...[0, 1, -1, 3].flatMap((axis) =>
      [0, 1, 2, -1, 4].flatMap((batchDims) =>
        [[1, 0], [2, 5], [-1, 0], []].map((places) =>
          of(
            `gather [${places}] axis ${axis} batch ${batchDims}`,
            [[2, 3, 2]],
            (x) =>
              tf.gather(
                x,
                batchDims === 1
                  ? tf.tensor2d([places, places], [2, places.length], 'int32')
                  : tf.tensor1d(places, 'int32'),
                axis,
                batchDims,
              ),
            dtype,
          ),
        ),
      ),
    ),
    of('unsortedSegmentSum', [[3, 2]], (x) => tf.unsortedSegmentSum(x, tf.tensor1d([1, 0, 1], 'int32'), 3), dtype),
    of(
      'tensorScatterUpdate',
      [[3, 2]],
      (x) => tf.tensorScatterUpdate(x, tf.tensor2d([[1]], [1, 1], 'int32'), tf.slice(x, 0, 1)),
      dtype,
    ),
    of('searchSorted', [[4]], (x) => tf.searchSorted(tf.sub(x, x) as Any, x, 'left'), dtype),
  ]),
  ...(
    [
      [
        [3, 2],
        [2, 4],
      ],
      [
        [1, 3, 2],
        [4, 2, 0],
      ],
      [
        [1, 3, 2],
        [4, 2, 5],
      ],
      [
        [1, 3, 0],
        [4, 0, 5],
      ],
      [
        [0, 2],
        [2, 3],
      ],
      [
        [3, 0],
        [0, 2],
      ],
      [
        [4, 3, 2],
        [4, 2, 5],
      ],
      [
        [4, 3, 2],
        [1, 2, 5],
      ],
      [
        [0, 3, 2],
        [0, 2, 5],
      ],
      [
        [1, 0, 2],
        [4, 2, 5],
      ],
      [
        [2, 1, 3, 2],
        [1, 4, 2, 3],
      ],
      [[2], [2, 3]],
    ] as Any[][]
  ).flatMap((shapes) =>
    (['float32', 'int32'] as const).flatMap((dtype) => [
      of('matMul', shapes, (a, b) => tf.matMul(a, b), dtype),
      of(
        'matMul of transposed',
        shapes.map((s: number[]) => [...s.slice(0, -2), ...s.slice(-2).toReversed()]),
        (a, b) => tf.matMul(a, b, true, true),
        dtype,
      ),
    ]),
  ),
];
