import { expect, test, vi } from 'vitest';
import { renderScene } from '../src/digits-lt/render.ts';
import { digitsLt } from '../src/index.ts';

vi.mock('../src/digits-lt/render.ts', async (original) => {
  const module = await original<typeof import('../src/digits-lt/render.ts')>();
  return { ...module, renderScene: vi.fn(module.renderScene) };
});

test('a scene is drawn when it is first asked for, and is the same in whatever order', async () => {
  const { train, test: testSet } = await digitsLt();
  expect(renderScene).not.toHaveBeenCalled();
  const last = await testSet.images.read(999);
  const first = await testSet.images.read(0);
  expect(await testSet.images.read(999)).toEqual(last);
  expect(renderScene).toHaveBeenCalledTimes(2);
  last.pixels.fill(0);
  const { test: again } = await digitsLt();
  expect(await again.images.read(0)).toEqual(first);
  expect(await again.images.read(999)).toEqual(await testSet.images.read(999));
  expect(train.scenes).toHaveLength(1142);
  expect(train.scenes).toBe(train.scenes);
});
