import { type Picture, resizeAntialias, toBytes } from '@ltml/images';
import { RandomStream, RandomStreams } from '@ltml/tensor';
import { expectClose } from '@ltml/tensor/testing';
import { describe, expect, it } from 'vitest';
import { contrastiveViews } from '../src/contrastive-views.ts';
import { itemStreams } from '../src/item-streams.ts';

function drawPicture(height: number, width: number, seed = 1): Picture {
  const random = new RandomStream(seed);
  return { height, width, pixels: Float32Array.from({ length: height * width * 3 }, () => random.integer(256)) };
}

describe('contrastiveViews', () => {
  const images = {
    length: 3,
    key: String,
    read: async (i: number) => toBytes(drawPicture(16, 16, i + 1)),
  };
  const statistics = { mean: [0, 0, 0], std: [1, 1, 1] } as const;
  const options = { viewSize: 8, patchSize: 4, patches: 2, statistics };

  it('draws the same for a seed, and whole pictures without one', async () => {
    const source = contrastiveViews(images, options);
    expect(source.shape).toEqual({ query: [8, 8, 3], key: [8, 8, 3], patches: [2, 4, 4, 3], boxes: [2, 4] });
    const first = await source.read([0, 2], itemStreams(new RandomStreams(5), 0));
    expect(await source.read([0, 2], itemStreams(new RandomStreams(5), 0))).toEqual(first);
    expect(await source.read([0, 2], itemStreams(new RandomStreams(6), 0))).not.toEqual(first);
    const still = await source.read([1]);
    expect(await source.read([1])).toEqual(still);
    expect(Array.from(still.boxes)).toEqual([0, 0, 8, 8, 0, 0, 8, 8]);
  });

  it('cuts patches out of the query view where their boxes are', async () => {
    // Without changes of colour and mirrors a patch is the box of the view, resized.
    const source = contrastiveViews(images, { ...options, mirror: false, queryColours: [], keyColours: [] });
    const { query, patches, boxes } = await source.read([0], itemStreams(new RandomStreams(7), 0));
    const view = { height: 8, width: 8, pixels: query };
    for (const j of [0, 1]) {
      const [left, top, right, bottom] = boxes.slice(4 * j);
      const box = { left, top, right, bottom };
      const { pixels } = resizeAntialias(view, { height: 4, width: 4, filter: 'bilinear', box });
      expectClose(patches.slice(48 * j, 48 * (j + 1)), pixels, { absolute: 1e-3 });
    }
  });

  it('draws patches by their sides on request, and refuses another rule', async () => {
    const source = contrastiveViews(images, { ...options, patchSampling: 'side' });
    const { boxes } = await source.read([0], itemStreams(new RandomStreams(8), 0));
    expect(Array.from(boxes).some((edge) => !Number.isInteger(edge))).toBe(true);
    expect(() => contrastiveViews(images, { ...options, patchSampling: 'volume' as never })).toThrow(
      /one of area, side/,
    );
  });

  it('gives each view and patch its own draws: more patches leave those before as they are', async () => {
    const [few, more] = await Promise.all(
      [1, 3].map((patches) =>
        contrastiveViews(images, { ...options, patches }).read([1], itemStreams(new RandomStreams(9), 2)),
      ),
    );
    expect([more.query, more.key]).toEqual([few.query, few.key]);
    expect([more.patches.slice(0, 48), more.boxes.slice(0, 4)]).toEqual([few.patches, few.boxes]);
  });
});
