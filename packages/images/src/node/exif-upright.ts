const orientationTag = 0x112;

/**
 * Whether an APP1 segment of a JPEG certainly does not rotate the picture: it is not EXIF, or its first directory has
 * no orientation, or orientation 1. If the EXIF does not follow the standard, the result is false.
 *
 * Source: EXIF 2.3, section 4.6 (TIFF 6.0).
 */
export function saysUpright(content: Uint8Array): boolean {
  if (String.fromCharCode(...content.subarray(0, 4)) !== 'Exif') return true;
  const tiff = content.subarray(6);
  const order = String.fromCharCode(...tiff.subarray(0, 4));
  if (order !== 'II*\0' && order !== 'MM\0*') return false;
  const isLittle = order === 'II*\0';
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.byteLength);
  try {
    const directory = view.getUint32(4, isLittle);
    const count = view.getUint16(directory, isLittle);
    for (let at = directory + 2; at < directory + 2 + 12 * count; at += 12) {
      if (view.getUint16(at, isLittle) !== orientationTag) continue;
      const [type, values] = [view.getUint16(at + 2, isLittle), view.getUint32(at + 4, isLittle)];
      return type === 3 && values === 1 && view.getUint16(at + 8, isLittle) === 1;
    }
    return true;
  } catch {
    // It ends before its directory does.
    return false;
  }
}
