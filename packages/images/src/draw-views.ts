import { checkChoice, checkCount, checkFlag, checkOptionNames, type RandomStream } from '@ltml/tensor';
import type { ViewSizes } from '@ltml/tensor/contract';
import { horizontalFlip } from './horizontal-flip.ts';
import { normalize } from './normalize.ts';
import { type Picture, type Transform, toFloat } from './picture.ts';
import { type Pipeline, resolvePipeline } from './pipeline/pipeline.ts';
import { keyColours, queryColours } from './pipeline/view-colours.ts';
import { areaBox, type BoxRange, checkBoxRange, sideBox } from './random-box.ts';
import { randomResizedCrop } from './random-resized-crop.ts';
import { resizeAntialias } from './resize/resize-antialias.ts';
import type { ChannelStatistics } from './statistics.ts';

/** How contrastive views are drawn, as data. */
export interface DrawViewsOptions extends ViewSizes {
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

/** A part of what is drawn, by the names of `Views`: two views, patches of the first and their boxes in it. */
export type ViewPart = 'query' | 'key' | 'patches' | 'boxes';

/** What draws the views of pictures. */
export interface ViewDrawing {
  /** Of each part, in the order of {@link draw}; patches and boxes are left out where there are none. */
  readonly shape: Readonly<Partial<Record<ViewPart, readonly number[]>>>;
  /** Numbers of all parts of a picture. */
  readonly size: number;
  /**
   * Draws the parts of a picture, one after the other: the query view from stream 0, the key view from 1 and each patch from
   * the next. Without streams, views and patches are the whole picture.
   *
   * @param into of that size
   */
  draw(picture: Picture, streamOf: ((view: number) => RandomStream) | undefined, into: Float32Array): void;
}

/**
 * Two views of a picture, patches of the first and their boxes.
 *
 * Two random crops make the query view, which may be mirrored, and the key view. Boxes are drawn on the query view before
 * its colours change, cut out and resized; each patch is mirrored and coloured by itself, the boxes stay.
 *
 * @throws OptionError
 * Source: DSCL (AAAI 2024), released code.
 */
export function drawViews(options: DrawViewsOptions): ViewDrawing {
  const parts = partsOf(options);
  const { viewSize: S, patchSize: s, patches: L } = options;
  const view = [S, S, 3];
  const shape = { query: view, key: view, ...(L > 0 && { patches: [L, s, s, 3], boxes: [L, 4] }) };
  const sizes = Object.values(shape).map((sides) => sides.reduce((product, side) => product * side, 1));
  return {
    shape,
    size: sizes.reduce((sum, size) => sum + size, 0),
    draw(picture, streamOf, into) {
      const drawn = parts(toFloat(picture), streamOf);
      let at = 0;
      for (const name of Object.keys(shape) as ViewPart[]) {
        for (const part of drawn[name]) {
          into.set(part, at);
          at += part.length;
        }
      }
    },
  };
}

/** What the views of a picture are filled with, part after part. */
type DrawnViews = Readonly<Record<ViewPart, readonly ArrayLike<number>[]>>;

function partsOf(
  options: DrawViewsOptions,
): (picture: Picture, streamOf?: (view: number) => RandomStream) => DrawnViews {
  const where = 'drawViews';
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
      query: [apply(ofQuery, uncoloured, ofViews.query).pixels],
      key: [key.pixels],
      patches: patches.map((patch) => patch.picture.pixels),
      boxes: patches.map(({ box: { left, top, right, bottom } }) => [left, top, right, bottom]),
    };
  };
}

/** Numbers of drawn pictures, [B, size], as one array for each part, [B, …shape]. */
export function splitViews({ shape, size }: ViewDrawing, values: Float32Array): Record<string, Float32Array> {
  const count = size === 0 ? 0 : values.length / size;
  let from = 0;
  const parts = Object.entries(shape).map(([name, sides]) => {
    const length = sides.reduce((product, side) => product * side, 1);
    const part = new Float32Array(count * length);
    for (let row = 0; row < count; row++) {
      const start = row * size + from;
      part.set(values.subarray(start, start + length), row * length);
    }
    from += length;
    return [name, part] as const;
  });
  return Object.fromEntries(parts);
}
