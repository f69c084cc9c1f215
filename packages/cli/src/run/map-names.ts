import { join, parse } from 'node:path';

/**
 * Largest length of the picture's part and of the class's part of a file name, in bytes. File systems allow 255 in
 * total.
 */
const longest = 100;

/**
 * Names files in a folder by picture and class, e.g. `scene.red-three.png`. Names are unique, also on file systems that
 * ignore case. If two would be equal (pictures of one name in two folders, classes that differ only in punctuation),
 * the second gets a number: `scene.red-three-2.png`.
 */
export class MapNames {
  readonly #folder: string;
  readonly #taken = new Set<string>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The path of the next file. */
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

/** As many first characters as fit in the allowed bytes. */
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
