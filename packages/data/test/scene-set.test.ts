import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { digitsLt as DigitsLt } from '../src/index.ts';

const drawing = await vi.importActual<typeof import('../src/digits-lt/render.ts')>('../src/digits-lt/render.ts');
const renderScene = vi.fn(drawing.renderScene);
let digitsLt: typeof DigitsLt;

// The package is loaded anew around the drawing that is counted; other files have loaded it before.
beforeAll(async () => {
  vi.resetModules();
  vi.doMock('../src/digits-lt/render.ts', () => ({ ...drawing, renderScene }));
  ({ digitsLt } = await import('../src/index.ts'));
});

afterAll(() => {
  vi.doUnmock('../src/digits-lt/render.ts');
  vi.resetModules();
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
