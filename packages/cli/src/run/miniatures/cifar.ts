import sharp from 'sharp';
import { type Files, lines, type MiniatureScenes, type SceneFile } from './scenes.ts';

/** Height and width of a CIFAR picture. */
const side = 32;

/** CIFAR-100 in its binary version, made of scenes of one class. */
export async function cifarFiles({ names, train, test }: MiniatureScenes): Promise<Files> {
  const files: Files = new Map([['cifar-100-binary/fine_label_names.txt', lines(names)]]);
  for (const [split, scenes] of Object.entries({ train, test })) {
    files.set(`cifar-100-binary/${split}.bin`, Buffer.concat(await Promise.all(scenes.map(record))));
  }
  return files;
}

/** A record: coarse label, fine label, then the red, green and blue values. */
async function record({ jpeg, classes: [c] }: SceneFile): Promise<Uint8Array> {
  const pixels = await sharp(jpeg).resize(side, side).removeAlpha().raw().toBuffer();
  const planes = Array.from({ length: 3 }, (_, channel) => pixels.filter((_level, at) => at % 3 === channel));
  return Buffer.concat([Uint8Array.of(0, c), ...planes]);
}
