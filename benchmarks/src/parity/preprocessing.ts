import { cprfl } from '@ltml/cprfl';
import { dscl } from '@ltml/dscl';
import {
  type BytePicture,
  centerCropBox,
  clipPipeline,
  crop,
  type Picture,
  type Pipeline,
  type ResizeFilter,
  resizeAntialias,
  resizeInterpolating,
  resizeOpencv,
  resolvePipeline,
  shorterSideSize,
  toBytes,
  toFloat,
} from '@ltml/images';
import { distributionBalancedPictures } from '@ltml/losses';
import { mkt } from '@ltml/mkt';
import { publishedPipelines } from '@ltml/recipes';
import { sarb } from '@ltml/sarb';
import { type HostTensor, RandomStream } from '@ltml/tensor';
import type { Method } from '@ltml/tensor/contract';
import * as tf from '@tensorflow/tfjs-core';
import type {
  ParityAdapter,
  ParityAdapters,
  ParityInputs,
  ParityValue,
} from '../../../packages/tensor/parity/adapter.ts';

type Outputs = Record<string, ParityValue>;

interface Case {
  readonly case: string;
}

/** Runs all cases of a file. They are listed in its parameters; names start with that of the case. */
function eachCase<C extends Case>(
  run: (inputs: ParityInputs, parameters: C, prefix: string) => Outputs,
): ParityAdapter {
  return (inputs) => {
    const cases = inputs.params.cases as readonly C[];
    return Object.assign({}, ...cases.map((parameters) => run(inputs, parameters, `${parameters.case}/`)));
  };
}

function readImage(inputs: ParityInputs, name: string): BytePicture {
  const { shape, data } = inputs.host(name);
  return { height: shape[0], width: shape[1], pixels: data as Uint8Array };
}

function levels(picture: Picture): HostTensor {
  return { dtype: 'U8', shape: [picture.height, picture.width, 3], data: toBytes(picture).pixels };
}

/** From [H, W, D] to PyTorch's layout [D, H, W]. */
function channelsFirst(values: Float32Array, shape: [number, number, number]): tf.Tensor {
  return tf.transpose(tf.tensor3d(values, shape), [2, 0, 1]);
}

function pixelValues(picture: Picture): tf.Tensor {
  return tf.expandDims(channelsFirst(toFloat(picture).pixels, [picture.height, picture.width, 3]));
}

interface ResizeCase extends Case {
  readonly to_hw: readonly [number, number];
  readonly filter: ResizeFilter;
}

const resizeUint8 = eachCase<ResizeCase>((inputs, { to_hw: [height, width], filter }, prefix) => ({
  [`${prefix}out/resized`]: levels(resizeAntialias(readImage(inputs, `${prefix}in/image`), { height, width, filter })),
}));

const resizeFloats = eachCase<ResizeCase>((inputs, { to_hw: [height, width] }, prefix) => {
  const picture = toFloat(readImage(inputs, `${prefix}in/image`));
  const outputs = (['bilinear', 'bicubic'] as const).flatMap((filter) =>
    [resizeInterpolating, resizeAntialias].map((resize) => {
      const resized = toFloat(resize(picture, { height, width, filter }));
      const name = `${prefix}out/${filter}${resize === resizeAntialias ? '_antialias' : ''}`;
      return [name, pixelValues(resized)] as const;
    }),
  );
  return Object.fromEntries(outputs);
});

function pipeline(ofSize: (size: number) => Pipeline): ParityAdapter {
  return eachCase<Case & { readonly n: number }>((inputs, { n }, prefix) => ({
    [`${prefix}out/pixel_values`]: pixelValues(resolvePipeline(ofSize(n))(readImage(inputs, `${prefix}in/image`))),
  }));
}

/** The test preprocessing of a method's paper, for a given size. */
function testOf({ needs }: Pick<Method, 'needs'>): (size: number) => Pipeline {
  const { pictures } = needs;
  if (!pictures) throw new Error('the method has no published preprocessing');
  return (size) => publishedPipelines(pictures, size).test;
}

interface DbCase extends Case {
  readonly n: number;
  readonly float_input: boolean;
  readonly flip: boolean;
}

/** A random stream with which every picture is flipped. */
const always = Object.assign(new RandomStream(0), { uniform: () => 0 });

const distributionBalanced = eachCase<DbCase>((inputs, { n, float_input: floatInput, flip }, prefix) => {
  const stored = readImage(inputs, `${prefix}in/image`);
  const image = floatInput ? toFloat(stored) : stored;
  const { train, test } = publishedPipelines(distributionBalancedPictures, n);
  // The test preprocessing with the random flip of training, but without its colours and crop.
  const steps = flip
    ? train.filter(({ name }) => !['photometricDistortion', 'randomCrop', 'toFloat'].includes(name))
    : test;
  return {
    [`${prefix}out/resized`]: {
      dtype: 'F32',
      shape: [n, n, 3],
      data: toFloat(resizeOpencv(image, { height: n, width: n })).pixels,
    },
    [`${prefix}out/pixel_values`]: pixelValues(resolvePipeline(steps)(image, always)),
  };
});

/** Compares sizes and crops. The index lists no outputs; the columns of the table are the reference. */
const geometry: ParityAdapter = (inputs) => {
  const [heights, widths, sides, crops] = ['h', 'w', 'resize', 'crop'].map((name) => inputs.numbers(name));
  const sizes = heights.map((height, i) => shorterSideSize({ height, width: widths[i] }, sides[i]));
  const boxes = sizes.map((size, i) => centerCropBox(size, { height: crops[i], width: crops[i] }));
  return {
    resized: sizes.map(({ height, width }) => [height, width]),
    top: boxes.map(({ top }) => top),
    left: boxes.map(({ left }) => left),
  };
};

const mktTransform: ParityAdapter = (inputs) => {
  const size = inputs.params.input_size as number;
  const picture = resolvePipeline(testOf(mkt)(size))(readImage(inputs, 'image'));
  return { pixels: tf.squeeze(pixelValues(picture), [0]) };
};

const resizedCrop: ParityAdapter = (inputs) => {
  const [left, top, right, bottom] = inputs.numbers('box');
  const [height, width] = inputs.params.size as [number, number];
  const part = crop(readImage(inputs, 'image'), { left, top, right, bottom });
  return { out: levels(resizeAntialias(part, { height, width, filter: 'bilinear' })) };
};

/** Comparisons of preprocessing, from decoded pictures to the inputs of a network. */
export const preprocessingAdapters: ParityAdapters = {
  resize_antialias_uint8: resizeUint8,
  resize_float: resizeFloats,
  preprocess_clip: pipeline(clipPipeline),
  preprocess_mkt_eval: pipeline(testOf(mkt)),
  preprocess_sarb_eval: pipeline(testOf(sarb)),
  preprocess_cprfl_eval: pipeline(testOf(cprfl)),
  preprocess_dscl_eval: pipeline(testOf(dscl)),
  preprocess_db: distributionBalanced,
  'resize_shorter_side+center_crop': geometry,
  eval_image_transform: mktTransform,
  resizedCrop,
};
