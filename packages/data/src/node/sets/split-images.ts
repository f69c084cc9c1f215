import type { LabelRow } from '@ltml/tensor/labels';
import { LabelRows } from '../../label-rows.ts';
import type { FoundPicture, PictureFinder } from './find-pictures.ts';
import type { SetFolder } from './set-folder.ts';
import type { ReadSplit } from './set-reader.ts';

/** Collects the images of one split. */
export class SplitImages {
  readonly #folder: SetFolder;
  readonly #finder: PictureFinder;
  readonly #labels: LabelRows;
  readonly #keys: string[] = [];
  readonly #files: string[] = [];
  readonly #paths: string[] = [];

  /** @param columns number of classes that rows may use */
  constructor(folder: SetFolder, columns: number) {
    this.#folder = folder;
    this.#finder = folder.finder();
    this.#labels = new LabelRows(columns);
  }

  /**
   * Adds an image.
   *
   * @param key name of the image in the data set
   * @param file path of the picture below the root; of several, the first that exists is used
   * @param place where it is listed
   * @throws DataError naming the place, if the picture is missing, was listed before or lies outside the root
   */
  async add(key: string, file: string | readonly string[], place: string, row: LabelRow): Promise<void> {
    const found = await this.#find(file, place);
    this.#keys.push(key);
    this.#files.push(found.file);
    this.#paths.push(found.path);
    this.#labels.push(row);
  }

  /** Finds the picture. If missing pictures are collected, it adds a missing one to them. */
  async #find(files: string | readonly string[], place: string): Promise<FoundPicture> {
    const [first, ...others] = [files].flat();
    for (const file of [first, ...others]) {
      const found = await this.#finder.search(file, place);
      if (found) return found;
    }
    const { missing } = this.#folder;
    if (missing === null) throw await this.#finder.missing(first, place);
    missing.push(first);
    return { file: first, path: this.#folder.expectedPath(first) };
  }

  read(): ReadSplit {
    const [keys, files, paths] = [this.#keys, this.#files, this.#paths];
    return {
      labels: this.#labels.labels(),
      pictures: {
        length: keys.length,
        key: (index) => keys[index],
        file: (index) => files[index],
        path: (index) => paths[index],
      },
    };
  }
}
