import {
  centerCropBox,
  clipPreprocessing,
  cprflPreprocessing,
  cropImage,
  dsclPreprocessing,
  mktPreprocessing,
  type NetworkImage,
  type Preprocessing,
  preprocess,
  preprocessDb,
  type ResizeFilter,
  type RgbImage,
  resizeAntialias,
  resizeFloat,
  resizeOpencv,
  sarbPreprocessing,
  shorterSideSize,
} from '@ltml/images';
import type { HostTensor } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import type { ParityAdapter, ParityAdapters, ParityInputs, ParityValue } from './adapter.ts';

type Outputs = Record<string, ParityValue>;

interface Case {
  readonly case: string;
}

/** A file holds several cases, listed in its parameters, with names that start with the case's. */
function eachCase<C extends Case>(
  run: (inputs: ParityInputs, parameters: C, prefix: string) => Outputs,
): ParityAdapter {
  return (inputs) => {
    const cases = inputs.params.cases as readonly C[];
    return Object.assign({}, ...cases.map((parameters) => run(inputs, parameters, `${parameters.case}/`)));
  };
}

function readImage(inputs: ParityInputs, name: string): RgbImage {
  const { shape, data } = inputs.host(name);
  return { height: shape[0], width: shape[1], pixels: data as Uint8Array };
}

function levels({ height, width, pixels }: RgbImage): HostTensor {
  return { dtype: 'U8', shape: [height, width, 3], data: pixels };
}

/** [H, W, D] as PyTorch keeps it, [D, H, W]. */
function channelsFirst(values: Float32Array, shape: [number, number, number]): tf.Tensor {
  return tf.transpose(tf.tensor3d(values, shape), [2, 0, 1]);
}

function pixelValues({ height, width, pixels }: NetworkImage): tf.Tensor {
  return tf.expandDims(channelsFirst(pixels, [height, width, 3]));
}

interface ResizeCase extends Case {
  readonly to_hw: readonly [number, number];
  readonly filter: ResizeFilter;
}

const resizeUint8 = eachCase<ResizeCase>((inputs, { to_hw: [height, width], filter }, prefix) => ({
  [`${prefix}out/resized`]: levels(resizeAntialias(readImage(inputs, `${prefix}in/image`), { height, width, filter })),
}));

const resizeFloats = eachCase<ResizeCase>((inputs, { to_hw: [height, width] }, prefix) => {
  const image = readImage(inputs, `${prefix}in/image`);
  const grid = { height: image.height, width: image.width, channels: 3, values: image.pixels };
  const outputs = (['bilinear', 'bicubic'] as const).flatMap((filter) =>
    [false, true].map((antialias) => {
      const resized = resizeFloat(grid, { height, width, filter, antialias });
      const name = `${prefix}out/${filter}${antialias ? '_antialias' : ''}`;
      return [name, tf.expandDims(channelsFirst(resized, [height, width, 3]))] as const;
    }),
  );
  return Object.fromEntries(outputs);
});

function pipeline(preprocessing: (size: number) => Preprocessing): ParityAdapter {
  return eachCase<Case & { readonly n: number }>((inputs, { n }, prefix) => ({
    [`${prefix}out/pixel_values`]: pixelValues(preprocess(readImage(inputs, `${prefix}in/image`), preprocessing(n))),
  }));
}

interface DbCase extends Case {
  readonly n: number;
  readonly float_input: boolean;
  readonly flip: boolean;
}

const distributionBalanced = eachCase<DbCase>((inputs, { n, float_input: floatInput, flip }, prefix) => {
  const image = readImage(inputs, `${prefix}in/image`);
  const { height, width, pixels } = image;
  const sides = { height: n, width: n };
  const resized = floatInput
    ? resizeFloat({ height, width, channels: 3, values: pixels }, { ...sides, filter: 'bilinear' })
    : Float32Array.from(resizeOpencv(image, sides).pixels);
  return {
    [`${prefix}out/resized`]: { dtype: 'F32', shape: [n, n, 3], data: resized },
    [`${prefix}out/pixel_values`]: pixelValues(preprocessDb(image, { size: n, floatInput, flip })),
  };
});

/** The index names no outputs: the columns of the table are the reference. */
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
  const { height, width, pixels } = preprocess(readImage(inputs, 'image'), mktPreprocessing(size));
  return { pixels: channelsFirst(pixels, [height, width, 3]) };
};

const resizedCrop: ParityAdapter = (inputs) => {
  const [left, top, right, bottom] = inputs.numbers('box');
  const [height, width] = inputs.params.size as [number, number];
  const part = cropImage(readImage(inputs, 'image'), { top, left, height: bottom - top, width: right - left });
  return { out: levels(resizeAntialias(part, { height, width, filter: 'bilinear' })) };
};

/** From decoded pictures to a network's inputs. */
export const preprocessingAdapters: ParityAdapters = {
  resize_antialias_uint8: resizeUint8,
  resize_float: resizeFloats,
  preprocess_clip: pipeline(clipPreprocessing),
  preprocess_mkt_eval: pipeline(mktPreprocessing),
  preprocess_sarb_eval: pipeline(sarbPreprocessing),
  preprocess_cprfl_eval: pipeline(cprflPreprocessing),
  preprocess_dscl_eval: pipeline(dsclPreprocessing),
  preprocess_db: distributionBalanced,
  'resize_shorter_side+center_crop': geometry,
  eval_image_transform: mktTransform,
  resizedCrop,
};
