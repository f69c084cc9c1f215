import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Box, Size } from '../box.ts';

/** libjpeg-turbo, which decodes a JPEG in the calling thread. */
export interface TurboJpeg {
  /** Version of its package. */
  readonly version: string;
  /**
   * Decodes a JPEG.
   *
   * @param size size of the picture, from its header
   * @param pixels receives [H, W, 3]; may be longer
   * @param part if given, only this part of the picture is sure to be decoded. The rows below it are not looked at, so
   *   damage there is not found
   * @returns whether the picture is complete; false if the library gives as much as a warning
   */
  decode(jpeg: Uint8Array, size: Size, pixels: Uint8Array, part?: Box): boolean;
}

let turbo: Promise<TurboJpeg | undefined> | undefined;

/**
 * Loads libjpeg-turbo from the package `@julusian/jpeg-turbo` with `koffi`; undefined if one of them is not installed.
 */
export function importTurboJpeg(): Promise<TurboJpeg | undefined> {
  turbo ??= load().catch(() => undefined);
  return turbo;
}

/** Constants from turbojpeg.h. */
const [decompressor, rgb, parameters] = [1, 0, { width: 5, height: 6, scanLimit: 13 }];

/** A progressive JPEG with more scans is an error; it would take very long. */
const mostScans = 500;

/** It does not use the package's own functions, whose cosine transform is less precise than sharp's and Pillow's. */
async function load(): Promise<TurboJpeg> {
  const { default: koffi } = await import('koffi');
  const require = createRequire(import.meta.url);
  const manifest = require.resolve('@julusian/jpeg-turbo/package.json');
  const { version } = require(manifest) as { readonly version: string };
  const library = loadFirst(koffi.load, libraries(dirname(manifest)));
  const region = koffi.struct({ x: 'int', y: 'int', w: 'int', h: 'int' });
  const init = library.func('tj3Init', 'void *', ['int']);
  const set = library.func('tj3Set', 'int', ['void *', 'int', 'int']);
  const get = library.func('tj3Get', 'int', ['void *', 'int']);
  const readHeader = library.func('tj3DecompressHeader', 'int', ['void *', 'void *', 'size_t']);
  const setRegion = library.func('tj3SetCroppingRegion', 'int', ['void *', region]);
  const decompress = library.func('tj3Decompress8', 'int', ['void *', 'void *', 'size_t', 'void *', 'int', 'int']);
  const destroy = library.func('tj3Destroy', 'void', ['void *']);
  const open = (): unknown => {
    const opened = init(decompressor);
    set(opened, parameters.scanLimit, mostScans);
    return opened;
  };
  const isDecoded = (jpeg: Uint8Array, size: Size, pixels: Uint8Array, part?: Box): boolean => {
    const { height, width } = size;
    if (readHeader(handle, jpeg, jpeg.length) !== 0) return false;
    if (get(handle, parameters.width) !== width || get(handle, parameters.height) !== height) return false;
    if (pixels.length < height * width * 3) return false;
    setRegion(handle, everything);
    const wanted = part && regionAround(part, size);
    const isPart = wanted !== undefined && setRegion(handle, wanted) === 0;
    const first = isPart ? (wanted.y * width + wanted.x) * 3 : 0;
    return decompress(handle, jpeg, jpeg.length, pixels.subarray(first), width * 3, rgb) === 0;
  };
  let handle = open();
  return {
    version,
    decode(jpeg, size, pixels, part) {
      if (isDecoded(jpeg, size, pixels, part)) return true;
      // After a broken header, a handle cannot read another picture.
      destroy(handle);
      handle = open();
      return false;
    },
  };
}

/** A part of a picture, as libjpeg-turbo's `tjregion`. */
interface Region {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

/** libjpeg-turbo's word for the whole picture. */
const everything: Region = { x: 0, y: 0, w: 0, h: 0 };

/** Left borders must be multiples of the width of the blocks that are stored together: 8, 16 or 32. */
const widestBlock = 32;
/** At the border of a region the colours are not exact, because they are interpolated without their neighbours. */
const inexact = 2;

/** The region to decode for a part. */
function regionAround({ left, top, right, bottom }: Box, { height, width }: Size): Region {
  const x = Math.floor(Math.max(0, left - inexact) / widestBlock) * widestBlock;
  const y = Math.max(0, top - inexact);
  return { x, y, w: Math.min(right + inexact, width) - x, h: Math.min(bottom + inexact, height) - y };
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
