import { join, posix } from 'node:path';
import { checkOptionNames } from '@ltml/tensor';
import { readCocoFile } from './coco-file.ts';
import type { FileList, ListedPicture } from './file-list.ts';
import { PictureFinder } from './find-pictures.ts';

/** Options of {@link readCocoJson}. */
export interface CocoJsonOptions {
  /** The folder that contains all files, or several, which are searched in order. */
  readonly root: string | readonly string[];
  /** The COCO file, relative to the first root. */
  readonly annotations: string;
  /** The folder of the pictures, relative to the root; default the root itself. */
  readonly images?: string;
  /** The split of all its images; default none. */
  readonly split?: string;
}

const where = 'readCocoJson';

/**
 * Reads pictures and labels from a COCO file: `images`, `categories` and `annotations`; boxes and areas are ignored.
 * Images keep their order, including those without a label. Classes are ordered by ascending id. A class that is not
 * annotated is absent.
 *
 * @throws DataError naming file and id; OptionError
 */
export async function readCocoJson(options: CocoJsonOptions): Promise<FileList> {
  checkOptionNames(where, options, ['root', 'annotations', 'images', 'split']);
  const { annotations: name, images: folder = '', split = null } = options;
  const roots = [options.root].flat();
  const finder = new PictureFinder(where, roots);
  const { classes, ids, fileNames, present } = await readCocoFile(where, join(roots[0], name), name);
  const pictures: ListedPicture[] = [];
  for (const [i, id] of ids.entries()) {
    const place = `${name}, image ${id}`;
    const found = await finder.find(below(folder, fileNames[i]), place);
    pictures.push({ key: `${id}`, ...found, split, place, present: present[i], absent: 'rest' });
  }
  return { classes, pictures };
}

/** If a path leaves the folder of the pictures, make it leave the root too, so that it is refused. */
function below(folder: string, file: string): string {
  if (posix.isAbsolute(file) || posix.normalize(file).startsWith('..')) return file;
  return posix.join(folder, file);
}
