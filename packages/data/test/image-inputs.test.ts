import { RandomStreams, ShapeError } from '@ltml/tensor';
import { expect, test } from 'vitest';
import { imageInputs } from '../src/image-inputs.ts';
import { itemStreams } from '../src/item-streams.ts';
import type { Pictures } from '../src/pictures.ts';

const images: Pictures = {
  length: 3,
  size: { height: 2, width: 4 },
  key: (index) => `${index}`,
  read: async (index) => ({
    height: 2,
    width: 4,
    pixels: Uint8Array.from({ length: 24 }, (_, at) => 100 * index + at),
  }),
};

test('widens and transforms in order, image after image', async () => {
  const inputs = imageInputs(images, [{ name: 'normalize', mean: [1, 1, 1], std: [2, 2, 2] }]);
  expect([inputs.length, inputs.shape]).toEqual([3, [2, 4, 3]]);
  const batch = await inputs.read([2, 0]);
  expect(batch).toHaveLength(48);
  expect([batch[0], batch[23], batch[24], batch[47]]).toEqual([(200 - 1) / 2, (223 - 1) / 2, -0.5, 11]);
});

test('the shape is that of the transformed picture', async () => {
  const inputs = imageInputs(images, [{ name: 'randomCrop' }, { name: 'resize', height: 5, width: 3 }]);
  expect(inputs.shape).toEqual([5, 3, 3]);
  expect(await inputs.read([1], itemStreams(new RandomStreams(1), 0))).toHaveLength(45);
});

test('one stream gives one batch, and no stream no augmentation', async () => {
  const inputs = imageInputs(images, [{ name: 'horizontalFlip' }]);
  const plain = await imageInputs(images, []).read([0, 1, 2]);
  expect(await inputs.read([0, 1, 2])).toEqual(plain);
  const augmented = await inputs.read([0, 1, 2], itemStreams(new RandomStreams(1), 0));
  expect(await inputs.read([0, 1, 2], itemStreams(new RandomStreams(1), 0))).toEqual(augmented);
});

test('refuses pictures of unequal sizes', async () => {
  const inputs = imageInputs(images, [{ name: 'randomCrop', keep: 0.5 }]);
  await expect(inputs.read([0], itemStreams(new RandomStreams(4), 0))).rejects.toThrow(ShapeError);
});

test('refuses pictures of more or fewer values than their size has', async () => {
  for (const length of [0, 23, 25, 48]) {
    const inputs = imageInputs(
      { ...images, read: async () => ({ height: 2, width: 4, pixels: new Uint8Array(length) }) },
      [],
    );
    await expect(inputs.read([1])).rejects.toThrow(ShapeError);
  }
});

test('pictures of an epoch are the same in batches of any size', async () => {
  const inputs = imageInputs(images, [
    { name: 'randAugment', count: 3, probability: 1 },
    { name: 'padAndShift', padding: 1 },
  ]);
  const whole = await inputs.read([2, 0, 1, 2], itemStreams(new RandomStreams(3), 4));
  const single = await Promise.all(
    [2, 0, 1, 2].map((image, place) =>
      inputs.read(
        [image],
        itemStreams(new RandomStreams(3), 4, () => place),
      ),
    ),
  );
  expect(single.flatMap((pixels) => [...pixels])).toEqual([...whole]);
  expect(whole.slice(0, 24)).not.toEqual(whole.slice(72));
});

test('pictures of several sizes go through a pipeline that makes one size of them, and no other', async () => {
  const sizes = [
    { height: 3, width: 9 },
    { height: 20, width: 7 },
  ];
  const several: Pictures = {
    length: 2,
    key: (index) => `${index}.jpg`,
    read: async (index) => ({
      ...sizes[index],
      pixels: new Uint8Array(9 * 20 * 7).fill(50).subarray(0, 3 * sizes[index].height * sizes[index].width),
    }),
  };
  const inputs = imageInputs(several, [{ name: 'resize', height: 4, width: 5 }]);
  expect(inputs.shape).toEqual([4, 5, 3]);
  expect([...new Set(await inputs.read([0, 1]))]).toEqual([50]);
  expect(() => imageInputs(several, [{ name: 'horizontalFlip' }])).toThrow(/resize/);
  expect(() => imageInputs(several, [{ name: 'resize', shorterSide: 4 }])).toThrow(/depends on the size/);
});
