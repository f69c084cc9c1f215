import { join, parse } from 'node:path';

/** Bytes of a picture's name, and of a class's, that a map's name keeps: file systems allow 255 altogether. */
const longest = 100;

/**
 * Names files in a folder by picture and class, `scene.red-three.png`. No two of them are the same, also where capitals do
 * not count: pictures of one name in two folders, and classes that differ by punctuation, get a number, `scene.red-three-2.png`.
 */
export class MapNames {
  readonly #folder: string;
  readonly #taken = new Set<string>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The path of a new file. */
  next(picture: string, label: string): string {
    const slug = label.replaceAll(/[^\p{L}\p{N}]+/gu, '-');
    const stem = `${shortened(parse(picture).name)}.${shortened(slug)}`;
    for (let count = 1; ; count++) {
      const name = `${stem}${count > 1 ? `-${count}` : ''}.png`;
      const key = name.normalize('NFC').toLowerCase();
      if (this.#taken.has(key)) continue;
      this.#taken.add(key);
      return join(this.#folder, name);
    }
  }
}

/** The first characters that fit into the bytes kept. */
function shortened(text: string): string {
  let bytes = 0;
  let kept = '';
  for (const character of text) {
    bytes += Buffer.byteLength(character);
    if (bytes > longest) break;
    kept += character;
  }
  return kept;
}
