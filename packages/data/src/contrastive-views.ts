import {
  areaBox,
  type Box,
  type BoxRange,
  type ChannelStatistics,
  checkBoxRange,
  horizontalFlip,
  keyColours,
  normalize,
  type Picture,
  type Pipeline,
  queryColours,
  randomResizedCrop,
  resizeAntialias,
  resolvePipeline,
  sideBox,
  type Transform,
  toFloat,
} from '@ltml/images';
import { checkChoice, checkCount, checkFlag, checkOptionNames, type RandomStream } from '@ltml/tensor';
import type { ViewLayout } from '@ltml/tensor/contract';
import type { InputSource } from './dataset.ts';
import type { Pictures } from './pictures.ts';

export interface ContrastiveViewsOptions extends ViewLayout {
  /** What the network expects. */
  readonly statistics: ChannelStatistics;
  /** Boxes of the two views; default 8 % to all of the area. */
  readonly views?: BoxRange;
  /** Boxes of the patches; default 5 % to 60 % of the area. */
  readonly patchBoxes?: BoxRange;
  /** Whether the scale of a patch is a share of the area (released code, default) or of the sides (algorithm 1). */
  readonly patchSampling?: 'area' | 'side';
  /** Whether pictures may be mirrored; default true. Digits and letters may not. */
  readonly mirror?: boolean;
  /** What is done to the colours of the query view and of each patch; default {@link queryColours}. */
  readonly queryColours?: Pipeline;
  /** What is done to the colours of the key view; default {@link keyColours}. */
  readonly keyColours?: Pipeline;
}

/**
 * Pictures as two views each, patches of the first and their boxes: a row [P] laid out as {@link ViewLayout} says.
 *
 * Two random crops make the query view, which may be mirrored, and the key view. Boxes are drawn on the query view before
 * its colours change, cut out and resized; each patch is mirrored and coloured by itself, the boxes stay. Without a
 * stream, views and patches are the whole picture.
 *
 * @throws OptionError
 * Source: DSCL (AAAI 2024), released code.
 */
export function contrastiveViews(images: Pictures, options: ContrastiveViewsOptions): InputSource {
  const draw = viewsOf(options);
  const { viewSize, patchSize, patches } = options;
  const width = 2 * viewSize * viewSize * 3 + patches * (patchSize * patchSize * 3 + 4);
  return {
    length: images.length,
    shape: [width],
    async read(indices, streams) {
      const batch = new Float32Array(indices.length * width);
      for (let i = 0; i < indices.length; i++) {
        const picture = toFloat(await images.read(indices[i]));
        const views = draw(picture, streams && ((view) => streams(i, view)));
        let at = i * width;
        for (const { pixels: values } of [views.query, views.key, ...views.patches]) {
          batch.set(values, at);
          at += values.length;
        }
        for (const { left, top, right, bottom } of views.boxes) {
          batch.set([left, top, right, bottom], at);
          at += 4;
        }
      }
      return batch;
    },
  };
}

interface DrawnViews {
  readonly query: Picture;
  readonly key: Picture;
  readonly patches: readonly Picture[];
  readonly boxes: readonly Box[];
}

/** @returns what draws the query view from stream 0, the key view from 1 and each patch from the next */
function viewsOf(
  options: ContrastiveViewsOptions,
): (picture: Picture, streamOf?: (view: number) => RandomStream) => DrawnViews {
  const where = 'contrastiveViews';
  checkOptionNames(where, options, [
    ...['viewSize', 'patchSize', 'patches', 'statistics', 'views', 'patchBoxes', 'patchSampling', 'mirror'],
    ...['queryColours', 'keyColours'],
  ]);
  const { viewSize, patchSize, patches: count, mirror = true, patchSampling = 'area' } = options;
  const { views = { scale: [0.08, 1] }, patchBoxes = { scale: [0.05, 0.6] } } = options;
  checkCount(where, 'options.viewSize', viewSize);
  checkCount(where, 'options.patchSize', patchSize);
  checkCount(where, 'options.patches', count, { min: 0 });
  checkChoice(where, 'options.patchSampling', patchSampling, ['area', 'side']);
  checkFlag(where, 'options.mirror', mirror);
  checkBoxRange(where, 'options.views', views);
  checkBoxRange(where, 'options.patchBoxes', patchBoxes);
  const crop = randomResizedCrop({ size: viewSize, ...views });
  const flip: Transform = mirror ? horizontalFlip() : (picture) => picture;
  const toInput = normalize(options.statistics);
  const ofQuery = [resolvePipeline(options.queryColours ?? queryColours), toInput];
  const ofKey = [resolvePipeline(options.keyColours ?? keyColours), flip, toInput];
  const drawBox = patchSampling === 'area' ? areaBox : sideBox;
  return (picture, streamOf) => {
    const apply = (transforms: readonly Transform[], to: Picture, random?: RandomStream): Picture =>
      transforms.reduce((before, transform) => transform(before, random), to);
    const ofViews = { query: streamOf?.(0), key: streamOf?.(1) };
    const uncoloured = apply([crop, flip], picture, ofViews.query);
    const key = apply([crop, ...ofKey], picture, ofViews.key);
    const whole = { left: 0, top: 0, right: viewSize, bottom: viewSize };
    const size = { height: patchSize, width: patchSize, filter: 'bilinear' } as const;
    const patches = Array.from({ length: count }, (_, i) => {
      const random = streamOf?.(2 + i);
      const box = random ? drawBox(uncoloured, patchBoxes, random) : whole;
      return { box, picture: apply([flip, ...ofQuery], resizeAntialias(uncoloured, { ...size, box }), random) };
    });
    return {
      query: apply(ofQuery, uncoloured, ofViews.query),
      key,
      patches: patches.map((patch) => patch.picture),
      boxes: patches.map(({ box }) => box),
    };
  };
}
