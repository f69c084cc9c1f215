import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Size } from '../box.ts';

/** libjpeg-turbo, which decodes a JPEG in the calling thread. */
export interface TurboJpeg {
  /** Version of its package. */
  readonly version: string;
  /**
   * Decodes a JPEG.
   *
   * @param size size of the picture, from its header
   * @param pixels receives [H, W, 3]; may be longer
   * @returns whether the picture is complete; false if the library gives as much as a warning
   */
  decode(jpeg: Uint8Array, size: Size, pixels: Uint8Array): boolean;
}

let turbo: Promise<TurboJpeg | undefined> | undefined;

/**
 * Loads libjpeg-turbo from the package `@julusian/jpeg-turbo` with `koffi`; undefined if one of them is not installed.
 */
export function importTurboJpeg(): Promise<TurboJpeg | undefined> {
  turbo ??= load().catch(() => undefined);
  return turbo;
}

/** Constants from turbojpeg.h: three bytes per pixel, and an error for a progressive JPEG with more than 500 scans. */
const [rgb, limitScans] = [0, 32_768];

/** It does not use the package's own functions, whose cosine transform is less precise than sharp's and Pillow's. */
async function load(): Promise<TurboJpeg> {
  const { default: koffi } = await import('koffi');
  const require = createRequire(import.meta.url);
  const manifest = require.resolve('@julusian/jpeg-turbo/package.json');
  const { version } = require(manifest) as { readonly version: string };
  const library = loadFirst(koffi.load, libraries(dirname(manifest)));
  const initDecompress = library.func('tjInitDecompress', 'void *', []);
  const readHeader = library.func('tjDecompressHeader3', 'int', [
    ...['void *', 'void *', 'unsigned long'],
    ...['void *', 'void *', 'void *', 'void *'],
  ]);
  const decompress = library.func('tjDecompress2', 'int', [
    ...['void *', 'void *', 'unsigned long', 'void *'],
    ...['int', 'int', 'int', 'int', 'int'],
  ]);
  const destroy = library.func('tjDestroy', 'int', ['void *']);
  const found = [0, 1, 2, 3].map(() => new Int32Array(1));
  const isDecoded = (jpeg: Uint8Array, { height, width }: Size, pixels: Uint8Array): boolean => {
    if (readHeader(handle, jpeg, jpeg.length, ...found) !== 0) return false;
    if (found[0][0] !== width || found[1][0] !== height || pixels.length < height * width * 3) return false;
    return decompress(handle, jpeg, jpeg.length, pixels, width, 0, height, rgb, limitScans) === 0;
  };
  let handle = initDecompress();
  return {
    version,
    decode(jpeg, size, pixels) {
      if (isDecoded(jpeg, size, pixels)) return true;
      // After a broken header, a handle cannot read another picture.
      destroy(handle);
      handle = initDecompress();
      return false;
    },
  };
}

/** Paths for Linux with glibc, then with musl. On other systems the library is not a separate file. */
function libraries(folder: string): string[] {
  return ['', '-musl'].map((kind) =>
    join(folder, 'prebuilds', `jpeg-turbo-${process.platform}-${process.arch}${kind}`, 'libturbojpeg.so.0'),
  );
}

function loadFirst<Library>(load: (path: string) => Library, paths: readonly string[]): Library {
  const [path, ...others] = paths;
  try {
    return load(path);
  } catch (error) {
    if (others.length === 0) throw error;
    return loadFirst(load, others);
  }
}
