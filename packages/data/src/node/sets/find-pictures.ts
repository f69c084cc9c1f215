import { type Dirent, statSync } from 'node:fs';
import { readdir, realpath } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, posix, sep } from 'node:path';
import { DataError, nearestName } from '@ltml/tensor';

/** A picture file that was found. */
export interface FoundPicture {
  /** Path below the root, separated by `/`, without `.` and `..`. */
  readonly file: string;
  /** Full path of the file. */
  readonly path: string;
}

/** Checks that each root is a folder. @throws DataError */
export function checkRoots(where: string, roots: readonly string[]): void {
  for (const root of roots) {
    const stats = statSync(root, { throwIfNoEntry: false });
    if (stats?.isDirectory()) continue;
    const received = stats ? 'a file' : 'nothing there';
    throw new DataError({ where, argument: root, expected: 'a folder', received });
  }
}

/**
 * Finds listed pictures, searching the roots in order. Each folder is read once, and no picture is opened.
 *
 * A path that leaves its root, by `..` or by a symbolic link, is refused, and so is a path that was found before.
 */
export class PictureFinder {
  readonly #where: string;
  readonly #roots: readonly string[];
  readonly #folders = new Map<string, Promise<Folder>>();
  readonly #seen = new Map<string, string>();

  /** @throws DataError unless each root is a folder */
  constructor(where: string, roots: readonly string[]) {
    checkRoots(where, roots);
    this.#where = where;
    this.#roots = roots;
  }

  /**
   * Finds a picture.
   *
   * @param listed the path in the list
   * @param place the place in the list, e.g. `labels.csv, line 3`
   * @throws DataError naming the place
   */
  async find(listed: string, place: string): Promise<FoundPicture> {
    const found = await this.search(listed, place);
    if (found) return found;
    throw await this.missing(listed, place);
  }

  /** Like `find`, but returns undefined if the picture does not exist. */
  async search(listed: string, place: string): Promise<FoundPicture | undefined> {
    const file = posix.normalize(listed);
    const leaves = isAbsolute(listed) || posix.isAbsolute(listed) || file === '..' || file.startsWith('../');
    if (leaves || listed.includes('\0')) throw this.#refuse(place, 'the path of a picture inside the root', listed);
    const before = this.#seen.get(file);
    if (before !== undefined) throw this.#refuse(place, 'a picture that is listed once', `${listed}, as in ${before}`);
    this.#seen.set(file, place);
    for (const root of this.#roots) {
      const path = join(root, file);
      const folder = await this.#folder(root, dirname(path));
      const kind = folder.entries.get(basename(path));
      if (kind === undefined) continue;
      if (!folder.isInside || (kind === 'link' && !(await isInside(root, path)))) {
        throw this.#refuse(place, 'a picture inside the root', `${listed}, a link that leads out of it`);
      }
      if (kind === 'folder') throw this.#refuse(place, 'a picture', `${listed}, a folder`);
      return { file, path };
    }
    return undefined;
  }

  /** The error for a picture that does not exist. */
  async missing(listed: string, place: string): Promise<DataError> {
    const file = posix.normalize(listed);
    const folder = await this.#folder(this.#roots[0], dirname(join(this.#roots[0], file)));
    const meant = nearestName(basename(file), Array.from(folder.entries.keys()).slice(0, 10_000));
    return this.#refuse(place, 'a picture that exists', `${listed}, which is missing`, meant && `Is it ${meant}?`);
  }

  #refuse(place: string, expected: string, received: string, hint?: string): DataError {
    return new DataError({ where: this.#where, argument: `${place},`, expected, received, ...(hint && { hint }) });
  }

  #folder(root: string, path: string): Promise<Folder> {
    const listed = this.#folders.get(path) ?? listFolder(root, path);
    this.#folders.set(path, listed);
    return listed;
  }
}

interface Folder {
  readonly entries: ReadonlyMap<string, 'file' | 'folder' | 'link'>;
  /** Whether it lies inside the root after following all links on the way. */
  readonly isInside: boolean;
}

async function listFolder(root: string, path: string): Promise<Folder> {
  const entries = await readdir(path, { withFileTypes: true }).catch((): Dirent[] => []);
  return {
    entries: new Map(entries.map((entry) => [entry.name, kindOf(entry)])),
    isInside: entries.length === 0 || (await isInside(root, path)),
  };
}

function kindOf(entry: Dirent): 'file' | 'folder' | 'link' {
  if (entry.isSymbolicLink()) return 'link';
  return entry.isDirectory() ? 'folder' : 'file';
}

/** Whether a path lies inside a root after following all links. */
export async function isInside(root: string, path: string): Promise<boolean> {
  const [top, real] = await Promise.all([realpath(root), realpath(path).catch(() => '')]);
  return real === top || real.startsWith(top.endsWith(sep) ? top : top + sep);
}
