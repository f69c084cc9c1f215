import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { digitsLt, type SceneSet } from '@ltml/data';
import { stringify } from 'csv-stringify/sync';
import sharp from 'sharp';

/** Heights and widths of the files, in turn. */
const sizes = [
  [64, 64],
  [96, 96],
  [80, 120],
  [150, 100],
  [128, 128],
] as const;

/** File formats, in turn. */
const formats = ['jpg', 'png', 'jpg', 'webp', 'jpg'] as const;

/** A row of `labels.csv`. */
interface OwnPicture {
  readonly path: string;
  readonly labels: string;
  readonly split: string;
}

/**
 * Writes scenes of digits-lt as pictures like those of a real data set: JPEG, PNG and WebP of several sizes, every
 * seventh turned and with an EXIF orientation, and `labels.csv` beside them. Equal arguments give equal pictures.
 *
 * @param count number of training pictures; there are a third as many test pictures
 * @param broken number of broken training pictures: cut off, empty, or no picture at all
 */
export async function writeOwnPictures(folder: string, count: number, broken: number): Promise<readonly OwnPicture[]> {
  const { train, test } = await digitsLt();
  const rows = [
    ...(await writeSplit(folder, 'train', train, count)),
    ...(await writeSplit(folder, 'test', test, Math.ceil(count / 3))),
    ...(await writeBroken(folder, broken)),
  ];
  await writeFile(
    join(folder, 'labels.csv'),
    stringify([...rows], { header: true, columns: ['path', 'labels', 'split'] }),
  );
  return rows;
}

async function writeSplit(folder: string, split: string, set: SceneSet, count: number): Promise<OwnPicture[]> {
  const { classes, labels, images } = set;
  const rows: OwnPicture[] = [];
  for (let i = 0; i < Math.min(count, images.length); i++) {
    const path = `${split}/${String(i).padStart(4, '0')}.${formats[i % formats.length]}`;
    await mkdir(dirname(join(folder, path)), { recursive: true });
    const { width, height, pixels } = await images.read(i);
    const [rowCount, columnCount] = sizes[i % sizes.length];
    const scene = sharp(pixels, { raw: { width, height, channels: 3 } }).resize(columnCount, rowCount, { fit: 'fill' });
    // Turned a quarter to the left; its EXIF orientation turns it back.
    const lying = i % 7 === 3;
    const stored = lying
      ? sharp(await scene.png().toBuffer())
          .rotate(270)
          .withMetadata({ orientation: 6 })
      : scene;
    await stored
      .toFormat(path.endsWith('png') ? 'png' : path.endsWith('webp') ? 'webp' : 'jpeg', { quality: 92 })
      .toFile(join(folder, path));
    const present = classes.filter((_, c) => labels.present[i * labels.columns + c] === 1);
    rows.push({ path, labels: present.join('; '), split });
  }
  return rows;
}

async function writeBroken(folder: string, count: number): Promise<OwnPicture[]> {
  const noise = Uint8Array.from({ length: 64 * 64 * 3 }, (_, i) => (i * 89) % 251);
  const whole = await sharp(noise, { raw: { width: 64, height: 64, channels: 3 } })
    .jpeg()
    .toBuffer();
  const contents = [whole.subarray(0, whole.length / 2), new Uint8Array(0), Buffer.from('<html>not found</html>\n')];
  const rows: OwnPicture[] = [];
  for (let i = 0; i < count; i++) {
    const path = `train/broken-${i}.jpg`;
    await writeFile(join(folder, path), contents[i % contents.length]);
    rows.push({ path, labels: 'red three', split: 'train' });
  }
  return rows;
}
