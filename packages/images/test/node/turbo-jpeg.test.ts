import { afterEach, expect, test, vi } from 'vitest';
import { hasTurboJpeg } from './encode-jpeg.ts';

afterEach(() => {
  vi.doUnmock('koffi');
  vi.resetModules();
});

test.runIf(hasTurboJpeg)('the library is found, and named among the decoders', async () => {
  const { decoderVersions } = await import('../../src/node/decoder-versions.ts');
  expect(await decoderVersions()).toMatchObject({
    'jpeg-turbo': expect.stringMatching(/^2\./),
    sharp: expect.any(String),
  });
});

test.each([
  [
    'koffi is not installed',
    () => {
      throw new Error('Cannot find package');
    },
  ],
  [
    'the library can not be loaded',
    () => ({
      default: {
        load: () => {
          throw new Error('no such file');
        },
      },
    }),
  ],
])('where %s there is none, and sharp decodes', async (_, koffi) => {
  vi.doMock('koffi', koffi);
  vi.resetModules();
  const { importTurboJpeg } = await import('../../src/node/turbo-jpeg.ts');
  expect(await importTurboJpeg()).toBeUndefined();
  const { decoderVersions } = await import('../../src/node/decoder-versions.ts');
  expect(await decoderVersions()).not.toHaveProperty('jpeg-turbo');
});
