import {
  areaBox,
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
import type { ViewSizes } from '@ltml/tensor/contract';
import type { InputParts } from './labelled-inputs.ts';
import type { Pictures } from './pictures.ts';

export interface ContrastiveViewsOptions extends ViewSizes {
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
 * Pictures as two views each, patches of the first and their boxes: inputs by the names and shapes of `Views`.
 *
 * Two random crops make the query view, which may be mirrored, and the key view. Boxes are drawn on the query view before
 * its colours change, cut out and resized; each patch is mirrored and coloured by itself, the boxes stay. Without a
 * stream, views and patches are the whole picture.
 *
 * @throws OptionError
 * Source: DSCL (AAAI 2024), released code.
 */
export function contrastiveViews(images: Pictures, options: ContrastiveViewsOptions): InputParts {
  const draw = viewsOf(options);
  const { viewSize: S, patchSize: s, patches: L } = options;
  const view = [S, S, 3];
  const shape = { query: view, key: view, ...(L > 0 && { patches: [L, s, s, 3], boxes: [L, 4] }) };
  return {
    length: images.length,
    shape,
    async read(indices, streams) {
      const batch = Object.entries(shape).map(([name, sides]) => {
        const size = sides.reduce((product, side) => product * side, 1);
        return [name as keyof typeof shape, size, new Float32Array(indices.length * size)] as const;
      });
      for (let i = 0; i < indices.length; i++) {
        const picture = toFloat(await images.read(indices[i]));
        const drawn = draw(picture, streams && ((view) => streams(i, view)));
        for (const [name, size, values] of batch) {
          for (const [j, part] of drawn[name].entries()) values.set(part, i * size + j * part.length);
        }
      }
      return Object.fromEntries(batch.map(([name, , values]) => [name, values]));
    },
  };
}

/** What the views of a picture are filled with, part after part. */
type DrawnViews = Readonly<Record<'query' | 'key' | 'patches' | 'boxes', readonly ArrayLike<number>[]>>;

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
      query: [apply(ofQuery, uncoloured, ofViews.query).pixels],
      key: [key.pixels],
      patches: patches.map((patch) => patch.picture.pixels),
      boxes: patches.map(({ box: { left, top, right, bottom } }) => [left, top, right, bottom]),
    };
  };
}
