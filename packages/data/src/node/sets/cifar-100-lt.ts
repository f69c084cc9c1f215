import { open } from 'node:fs/promises';
import { MersenneTwister } from '@ltml/tensor';
import { classList } from '../../data-set.ts';
import { LabelRows } from '../../label-rows.ts';
import { numpyShuffle } from '../../numpy-shuffle.ts';
import type { Pictures } from '../../pictures.ts';
import { type Cifar100LtOptions, cifar100LtCounts } from '../../sets/cifar-100-lt.ts';
import { badFile, fileReason } from './read-text.ts';
import type { SetFolder } from './set-folder.ts';
import type { ReadSplit, SetReader } from './set-reader.ts';

/** A record: coarse label, fine label, then 32 × 32 values each for red, green and blue. */
const [labelBytes, side] = [2, 32];
const planeBytes = side * side;
const recordBytes = labelBytes + 3 * planeBytes;

/**
 * Reads CIFAR-100 in its binary version (`cifar-100-binary`) and makes it long-tailed. Each class in turn keeps its
 * number of images, chosen in the order in which NumPy's generator shuffles them.
 *
 * Source: Cao et al. (LDAM-DRW, NeurIPS 2019), released code.
 */
export const readCifar100Lt: SetReader<Cifar100LtOptions> = async ({ folder, splits, options }) => {
  const within = folder.has('cifar-100-binary') ? 'cifar-100-binary/' : '';
  const names = (await folder.lines(`${within}fine_label_names.txt`)).map(({ text }) => text);
  const read: Record<string, ReadSplit> = {};
  for (const split of splits) {
    if (split !== 'train' && split !== 'test') throw folder.refuse(split, 'one of the splits train, test', 'another');
    const file = `${within}${split}.bin`;
    const labels = await labelsIn(folder, file, names.length);
    const chosen = split === 'test' ? Int32Array.from(labels.keys()) : longTail(labels, options, names.length);
    const rows = new LabelRows(names.length);
    for (const i of chosen) rows.push({ present: [labels[i]], absent: 'rest' });
    const path = folder.path(file);
    const key = (i: number): string => `${split}/${chosen[i]}`;
    read[split] = {
      labels: rows.labels(),
      pictures: { length: chosen.length, key, file: () => file, path: () => path },
      decoded: picturesIn(folder.where, path, file, chosen, key),
    };
  }
  return { classes: classList(names), splits: read };
};

/** The fine label of each record. */
async function labelsIn(folder: SetFolder, file: string, classes: number): Promise<Uint8Array> {
  const handle = await open(folder.path(file)).catch((cause: NodeJS.ErrnoException) => {
    throw badFile(folder.where, file, 'a file that can be read', fileReason(cause), cause);
  });
  try {
    const { size } = await handle.stat();
    if (size === 0 || size % recordBytes !== 0) {
      throw folder.refuse(file, `complete records of ${recordBytes} bytes`, `${size} bytes`);
    }
    const labels = new Uint8Array(size / recordBytes);
    // Read in pieces of a few megabytes, because the pictures are not kept.
    const block = Buffer.alloc(recordBytes * 1024);
    for (let first = 0; first < labels.length; first += 1024) {
      const { bytesRead } = await handle.read(block, 0, block.length, first * recordBytes);
      for (let at = 0, i = first; at < bytesRead; at += recordBytes, i++) labels[i] = block[at + 1];
    }
    const other = labels.findIndex((label) => label >= classes);
    if (other >= 0) throw folder.refuse(`${file}, record ${other}`, `a label below ${classes}`, `${labels[other]}`);
    return labels;
  } finally {
    await handle.close();
  }
}

function longTail(labels: Uint8Array, options: Cifar100LtOptions, classes: number): Int32Array {
  if (options.imbalance === 1) return Int32Array.from(labels.keys());
  const random = new MersenneTwister(options.seed);
  const all = Int32Array.from(labels.keys());
  return Int32Array.from(
    Array.from(cifar100LtCounts(options, classes)).flatMap((count, c) => {
      const images = all.filter((i) => labels[i] === c);
      numpyShuffle(random, images);
      return [...images.subarray(0, count)];
    }),
  );
}

/** Pictures stored one after another in one file. */
function picturesIn(
  where: string,
  path: string,
  file: string,
  chosen: Int32Array,
  key: (index: number) => string,
): Pictures {
  return {
    length: chosen.length,
    size: { height: side, width: side },
    key,
    async read(index) {
      const bytes = Buffer.alloc(3 * planeBytes);
      const handle = await open(path);
      try {
        const start = chosen[index] * recordBytes + labelBytes;
        const { bytesRead } = await handle.read(bytes, 0, bytes.length, start);
        if (bytesRead < bytes.length) throw badFile(where, `${file}, ${key(index)},`, 'a full record', 'part of one');
      } finally {
        await handle.close();
      }
      const pixels = new Uint8Array(bytes.length);
      for (let at = 0; at < planeBytes; at++) {
        for (let channel = 0; channel < 3; channel++) pixels[3 * at + channel] = bytes[channel * planeBytes + at];
      }
      return { height: side, width: side, pixels };
    },
  };
}
