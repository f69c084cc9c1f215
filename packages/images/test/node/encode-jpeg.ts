import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import koffi from 'koffi';
import type { BytePicture } from '../../src/index.ts';

/** What libjpeg-turbo can write that sharp does not; numbers are those of turbojpeg.h. */
export interface EncodeOptions {
  readonly subsampling?: keyof typeof subsamplings;
  readonly quality?: number;
  /** Stores red, green and blue, as Adobe's programs do. */
  readonly rgb?: boolean;
  readonly progressive?: boolean;
  readonly arithmetic?: boolean;
  readonly lossless?: boolean;
  /** Blocks from one restart marker to the next. */
  readonly restartBlocks?: number;
}

const subsamplings = { '4:4:4': 0, '4:2:2': 1, '4:2:0': 2, grey: 3, '4:4:0': 4, '4:1:1': 5, '4:4:1': 6 } as const;

const manifest = createRequire(import.meta.url).resolve('@julusian/jpeg-turbo/package.json');
const kind = `jpeg-turbo-${process.platform}-${process.arch}`;

/** Whether the library is there for machines of this kind. */
export const hasTurboJpeg: boolean = process.platform === 'linux';

/** A JPEG by libjpeg-turbo. */
export function encodeJpeg({ height, width, pixels }: BytePicture, options: EncodeOptions = {}): Uint8Array {
  const library = koffi.load(join(dirname(manifest), 'prebuilds', kind, 'libturbojpeg.so.0'));
  const init = library.func('tj3Init', 'void *', ['int']);
  const destroy = library.func('tj3Destroy', 'void', ['void *']);
  const set = library.func('tj3Set', 'int', ['void *', 'int', 'int']);
  const compress = library.func('tj3Compress8', 'int', [
    ...['void *', 'void *', 'int', 'int', 'int', 'int', 'void *', 'void *'],
  ]);
  const free = library.func('tj3Free', 'void', ['void *']);
  const message = library.func('tj3GetErrorStr', 'str', ['void *']);
  const { subsampling = '4:2:0', quality = 92, rgb, progressive, arithmetic, lossless, restartBlocks } = options;
  const handle = init(0);
  const check = (code: number): void => {
    if (code !== 0) throw new Error(message(handle));
  };
  const settings: readonly (readonly [number, number])[] = [
    ...[[3, quality] as const, [4, subsamplings[subsampling]] as const],
    ...(rgb ? [[8, 0] as const] : []),
    ...(progressive ? [[12, 1] as const] : []),
    ...(arithmetic ? [[14, 1] as const] : []),
    ...(lossless ? [[15, 1] as const] : []),
    ...(restartBlocks ? [[18, restartBlocks] as const] : []),
  ];
  const [place, size] = [new BigUint64Array(1), new BigUint64Array(1)];
  try {
    for (const [parameter, value] of settings) check(set(handle, parameter, value));
    check(compress(handle, pixels, width, 0, height, 0, place, size));
    return new Uint8Array(koffi.view(place[0], Number(size[0]))).slice();
  } finally {
    free(place[0]);
    destroy(handle);
  }
}
