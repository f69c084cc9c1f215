import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { linesOfFile } from '@ltml/tensor/node';
import { checkRoots, PictureFinder } from './find-pictures.ts';
import { badFile, readText } from './read-text.ts';

/** A line of a text file. */
export interface TextLine {
  /** Its place, e.g. `Main/train.txt, line 3`. */
  readonly place: string;
  /** Without blanks at the end. */
  readonly text: string;
}

/** The files of a data set, in one folder or in several that are searched in order. */
export class SetFolder {
  readonly where: string;
  readonly roots: readonly string[];
  /** Collects missing pictures; null if they are refused. */
  readonly missing: string[] | null;

  /** @throws DataError unless each root is a folder */
  constructor(where: string, roots: readonly string[], missing: string[] | null) {
    checkRoots(where, roots);
    this.where = where;
    this.roots = roots;
    this.missing = missing;
  }

  /** The full path of a file; in the first root if it does not exist. */
  path(file: string): string {
    const [first, ...others] = this.roots.map((root) => join(root, file));
    // With one root the disk is not accessed, because there may be millions of pictures.
    return others.length === 0 || existsSync(first) ? first : (others.find((path) => existsSync(path)) ?? first);
  }

  /** Whether a file exists in one of the roots. */
  has(file: string): boolean {
    return existsSync(this.path(file));
  }

  /** Reads a whole text file. @throws DataError naming file and line */
  text(file: string): Promise<string> {
    return readText(this.where, this.path(file), file);
  }

  /**
   * Reads the lines of a text file; blank lines at the end are ignored.
   *
   * @throws DataError naming any other blank line
   */
  async lines(file: string): Promise<readonly TextLine[]> {
    const texts = (await this.text(file)).trimEnd().split('\n');
    return texts.map((line, i) => {
      const text = line.trimEnd();
      if (text === '' && texts.length > 1) throw badFile(this.where, `${file}, line ${i + 1},`, 'text', 'a blank line');
      return { place: `${file}, line ${i + 1}`, text };
    });
  }

  /** Reads the lines of a text file of any size, in batches. @throws DataError naming the file */
  stream(file: string): AsyncIterable<readonly string[]> {
    if (!this.has(file)) throw badFile(this.where, file, 'a file that can be read', 'no such file');
    return linesOfFile(this.path(file));
  }

  /** The error about a place in a file. */
  refuse(place: string, expected: string, received: string): Error {
    return badFile(this.where, `${place},`, expected, received);
  }

  /** A finder of pictures; each picture can be requested once. */
  finder(): PictureFinder {
    return new PictureFinder(this.where, this.roots);
  }

  /** The path where a missing picture should be. */
  expectedPath(file: string): string {
    return join(this.roots[0], file);
  }
}
