import { join, posix } from 'node:path';
import { checkOptionNames } from '@ltml/tensor';
import { readCocoFile } from './coco-file.ts';
import type { FileList, ListedPicture } from './file-list.ts';
import { PictureFinder } from './find-pictures.ts';

export interface CocoJsonOptions {
  /** The folder that all paths are below, or several, which are searched in turn. */
  readonly root: string | readonly string[];
  /** The file, below the first root. */
  readonly annotations: string;
  /** The folder of the pictures, below the root; default the root itself. */
  readonly images?: string;
  /** What split its images belong to; default none. */
  readonly split?: string;
}

const where = 'readCocoJson';

/**
 * Pictures and labels from a COCO file: `images`, `categories` and `annotations`, of which boxes and areas are not looked
 * at. Images in their order, with those that have no label; classes by ascending id; what is not annotated is absent.
 *
 * @throws DataError by file and id
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

/** A path that leaves the folder of the pictures leaves the root, too, so that it is refused. */
function below(folder: string, file: string): string {
  if (posix.isAbsolute(file) || posix.normalize(file).startsWith('..')) return file;
  return posix.join(folder, file);
}
