import { type Dirent, statSync } from 'node:fs';
import { readdir, realpath } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, posix, sep } from 'node:path';
import { DataError, nearestName } from '@ltml/tensor';

/** A picture's file. */
export interface FoundPicture {
  /** Below the root, divided by `/`, without `.` and `..`. */
  readonly file: string;
  /** Where it lies. */
  readonly path: string;
}

/** @throws DataError unless each root is a folder */
export function checkRoots(where: string, roots: readonly string[]): void {
  for (const root of roots) {
    const stats = statSync(root, { throwIfNoEntry: false });
    if (stats?.isDirectory()) continue;
    const received = stats ? 'a file' : 'nothing there';
    throw new DataError({ where, argument: root, expected: 'a folder', received });
  }
}

/**
 * Looks for pictures that a list names, in one root after the other. Each folder is listed once, and no picture is opened.
 *
 * A path that leaves its root, by `..` or by a symbolic link, is refused, and so is one that was found before.
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
   * @param listed the path as the list has it
   * @param place where it is listed, e.g. `labels.csv, line 3`
   * @throws DataError by place
   */
  async find(listed: string, place: string): Promise<FoundPicture> {
    const found = await this.search(listed, place);
    if (found) return found;
    throw await this.missing(listed, place);
  }

  /** As `find`, but undefined for a picture that is not there. */
  async search(listed: string, place: string): Promise<FoundPicture | undefined> {
    const file = posix.normalize(listed);
    const leaves = isAbsolute(listed) || posix.isAbsolute(listed) || file === '..' || file.startsWith('../');
    if (leaves || listed.includes('\0')) throw this.#refuse(place, 'the path of a picture below the root', listed);
    const before = this.#seen.get(file);
    if (before !== undefined) throw this.#refuse(place, 'a picture that is listed once', `${listed}, as in ${before}`);
    this.#seen.set(file, place);
    for (const root of this.#roots) {
      const path = join(root, file);
      const folder = await this.#folder(root, dirname(path));
      const kind = folder.entries.get(basename(path));
      if (kind === undefined) continue;
      if (!folder.isInside || (kind === 'link' && !(await isInside(root, path)))) {
        throw this.#refuse(place, 'a picture below the root', `${listed}, a link that leads out of it`);
      }
      if (kind === 'folder') throw this.#refuse(place, 'a picture', `${listed}, a folder`);
      return { file, path };
    }
    return undefined;
  }

  /** Complains about a picture that is not there. */
  async missing(listed: string, place: string): Promise<DataError> {
    const file = posix.normalize(listed);
    const folder = await this.#folder(this.#roots[0], dirname(join(this.#roots[0], file)));
    const meant = nearestName(basename(file), Array.from(folder.entries.keys()).slice(0, 10_000));
    return this.#refuse(place, 'a picture that is there', `${listed}, which is missing`, meant && `Is it ${meant}?`);
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
  /** Whether it lies below the root, wherever links on the way to it lead. */
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

/** Whether a path lies below a root when every link is followed. */
export async function isInside(root: string, path: string): Promise<boolean> {
  const [top, real] = await Promise.all([realpath(root), realpath(path).catch(() => '')]);
  return real === top || real.startsWith(top.endsWith(sep) ? top : top + sep);
}
