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

/** How contrastive views are drawn, as plain data. */
export interface DrawViewsOptions extends ViewSizes {
  /** The statistics by which the pixels are normalised. */
  readonly statistics: ChannelStatistics;
  /** How the boxes of the two views are drawn; default 8 % to 100 % of the area. */
  readonly views?: BoxRange;
  /** How the boxes of the patches are drawn; default 5 % to 60 % of the area. */
  readonly patchBoxes?: BoxRange;
  /** Whether the scale of a patch is a share of the area (default, released code) or of the sides (algorithm 1). */
  readonly patchSampling?: 'area' | 'side';
  /** Whether pictures may be mirrored; default true. Set false for digits and letters. */
  readonly mirror?: boolean;
  /** Colour changes of the query view and of each patch; default {@link queryColours}. */
  readonly queryColours?: Pipeline;
  /** Colour changes of the key view; default {@link keyColours}. */
  readonly keyColours?: Pipeline;
}

/** A part of the result, named as in `Views`: the two views, the patches of the first view, and their boxes in it. */
export type ViewPart = 'query' | 'key' | 'patches' | 'boxes';

/** Draws the views of a picture; made by {@link drawViews}. */
export interface ViewDrawing {
  /** The shape of each part, in the order of {@link draw}. Without patches, `patches` and `boxes` are left out. */
  readonly shape: Readonly<Partial<Record<ViewPart, readonly number[]>>>;
  /** Number of values of all parts of a picture. */
  readonly size: number;
  /**
   * Draws the parts of a picture and writes them one after the other. The query view uses stream 0, the key view stream
   * 1, and the patches the following streams. Without streams, views and patches show the whole picture.
   *
   * @param into array with `size` values
   */
  draw(picture: Picture, streamOf: ((view: number) => RandomStream) | undefined, into: Float32Array): void;
}

/**
 * Draws two views of a picture, patches of the first view, and the boxes of the patches.
 *
 * Two random crops become the query view and the key view; the query view may be mirrored. The boxes are drawn on the
 * query view before its colours change. Each patch is cut out, resized, and then mirrored and coloured separately; its
 * box stays the same.
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

/** The values of the views of a picture, part after part. */
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

/** Splits the values of drawn pictures, [B, size], into one array for each part, [B, …shape]. */
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
