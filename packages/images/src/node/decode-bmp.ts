import type { BytePicture } from '../picture.ts';

const headerBytes = 54;

/** Whether the bytes start like a BMP, a format that sharp does not read. */
export function isBmp(bytes: Uint8Array): boolean {
  return bytes[0] === 0x42 && bytes[1] === 0x4d;
}

/**
 * Decodes an uncompressed BMP with 24 or 32 bits per pixel; transparency is dropped.
 *
 * @throws Error saying why it cannot be read
 */
export function decodeBmp(bytes: Uint8Array, mostPixels: number): BytePicture {
  if (bytes.length < headerBytes) throw new Error('a BMP that ends within its header');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [start, width, signedHeight] = [view.getUint32(10, true), view.getInt32(18, true), view.getInt32(22, true)];
  const [bits, compression] = [view.getUint16(28, true), view.getUint32(30, true)];
  if ((bits !== 24 && bits !== 32) || compression !== 0) {
    const form = `${bits} bits per pixel and compression ${compression}`;
    throw new Error(`a BMP with ${form}; only 24 or 32 bits without compression can be read`);
  }
  const height = Math.abs(signedHeight);
  if (width < 1 || height < 1 || width * height > mostPixels) throw new Error(`a BMP of ${width} × ${height} pixels`);
  const step = bits / 8;
  // Rows are padded to a multiple of 4 bytes.
  const rowBytes = Math.ceil((width * step) / 4) * 4;
  if (start + rowBytes * height > bytes.length) throw new Error('a truncated BMP');
  const pixels = new Uint8Array(width * height * 3);
  for (let y = 0, to = 0; y < height; y++) {
    // The bottom row comes first, unless the height is negative.
    const row = signedHeight > 0 ? height - 1 - y : y;
    for (let x = 0, from = start + row * rowBytes; x < width; x++, from += step) {
      pixels[to++] = bytes[from + 2];
      pixels[to++] = bytes[from + 1];
      pixels[to++] = bytes[from];
    }
  }
  return { height, width, pixels };
}
