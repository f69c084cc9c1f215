import { readFileSync } from 'node:fs';
import { VisionTransformer } from '@ltml/backbone';
import * as lift from '@ltml/lift';
import { RandomStream } from '@ltml/tensor';
import { anything, count, describeOptions, type OptionsRow, positive } from '../../tensor/test/describe-options.ts';

const random = new RandomStream(1);
const tower = new VisionTransformer({ imageSize: 8, patchSize: 4, width: 8, heads: 2, depth: 2 }, random);
const orNull =
  (fits: (value: unknown) => boolean) =>
  (value: unknown): boolean =>
    value === null || fits(value);

/** Every function, by the name of the type of its options. */
const rows: Readonly<Record<string, readonly OptionsRow[]>> = {
  AdaptFormerOptions: [
    {
      call: (options) => new lift.AdaptFormer(options),
      valid: { width: 4, bottleneck: 2, random },
      options: { width: count(), bottleneck: count(), random: anything },
    },
  ],
  AttachOptions: [
    {
      call: (options) => lift.attachAdapters(tower, options),
      valid: { width: 8, classes: 3, bottleneck: 2, last: null, random },
      options: {
        width: count(),
        classes: count(),
        bottleneck: orNull(count()),
        last: orNull(count(1, 2)),
        random: anything,
      },
    },
  ],
  CosineHeadOptions: [
    {
      call: (options) => new lift.CosineHead(options),
      valid: { features: 2, classes: 2, random },
      options: { features: count(), classes: count(), scale: positive, random: anything },
    },
  ],
};

describeOptions(rows, readFileSync(new URL('../src/index.ts', import.meta.url), 'utf8'));
