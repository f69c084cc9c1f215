import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { linesOfFile } from '@ltml/tensor/node';
import { checkRoots, PictureFinder } from './find-pictures.ts';
import { badFile, readText } from './read-text.ts';

/** A line of a text file that is not blank. */
export interface TextLine {
  /** E.g. `Main/train.txt, line 3`. */
  readonly place: string;
  /** Without blanks at its end. */
  readonly text: string;
}

/** The files of a data set, in one folder or in several that are searched in turn. */
export class SetFolder {
  readonly where: string;
  readonly roots: readonly string[];
  /** Where pictures that are missing are put; null where they are refused. */
  readonly missing: string[] | null;

  /** @throws DataError unless each root is a folder */
  constructor(where: string, roots: readonly string[], missing: string[] | null) {
    checkRoots(where, roots);
    this.where = where;
    this.roots = roots;
    this.missing = missing;
  }

  /** Where a file lies; in the first root if it is nowhere. */
  path(file: string): string {
    const [first, ...others] = this.roots.map((root) => join(root, file));
    // Of one root nothing is asked of the disk: there may be millions of pictures.
    return others.length === 0 || existsSync(first) ? first : (others.find((path) => existsSync(path)) ?? first);
  }

  has(file: string): boolean {
    return existsSync(this.path(file));
  }

  /** A text file, whole. @throws DataError by file and line */
  text(file: string): Promise<string> {
    return readText(this.where, this.path(file), file);
  }

  /** The lines of a text file; blank ones at its end mean nothing. @throws DataError on a blank line before, by line */
  async lines(file: string): Promise<readonly TextLine[]> {
    const texts = (await this.text(file)).trimEnd().split('\n');
    return texts.map((line, i) => {
      const text = line.trimEnd();
      if (text === '' && texts.length > 1) throw badFile(this.where, `${file}, line ${i + 1},`, 'text', 'a blank line');
      return { place: `${file}, line ${i + 1}`, text };
    });
  }

  /** The lines of a text file of any size, in batches. @throws DataError by file */
  stream(file: string): AsyncIterable<readonly string[]> {
    if (!this.has(file)) throw badFile(this.where, file, 'a file that can be read', 'no such file');
    return linesOfFile(this.path(file));
  }

  /** Complains about a place in a file. */
  refuse(place: string, expected: string, received: string): Error {
    return badFile(this.where, `${place},`, expected, received);
  }

  /** Looks for pictures, each of which it may be asked for once. */
  finder(): PictureFinder {
    return new PictureFinder(this.where, this.roots);
  }

  /** Where a picture that is missing should lie. */
  expectedPath(file: string): string {
    return join(this.roots[0], file);
  }
}
