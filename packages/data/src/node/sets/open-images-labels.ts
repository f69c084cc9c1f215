import type { ByteKeys } from '../../byte-keys.ts';
import type { LabelRows } from '../../label-rows.ts';
import type { PackedNames } from '../../packed-names.ts';
import type { OpenImagesOptions } from '../../sets/open-images.ts';
import type { SetFolder } from './set-folder.ts';

const header = 'ImageID,Source,LabelName,Confidence';
const [lineEnd, carriageReturn, comma, zero, one] = Buffer.from('\n\r,01');

interface LabelTableOptions {
  readonly folder: SetFolder;
  readonly file: string;
  readonly kind: OpenImagesOptions['labels'];
  /** Column indices by class id. */
  readonly columns: ByteKeys;
  /** Receives the ids of the images. */
  readonly ids: PackedNames;
  readonly rows: LabelRows;
}

/**
 * Scans the rows of a label file that comes in chunks. Rows must be sorted by image, as published. Contradictory rows
 * for the same image and class cancel each other out. Labels of other classes are ignored.
 *
 * It compares bytes and makes no strings for valid rows, because there are tens of millions of them.
 */
export class LabelTable {
  readonly #options: LabelTableOptions;
  readonly #isHuman: boolean;
  #rest: Buffer = Buffer.alloc(0);
  #line = 0;
  /** The classes of the image that is being read, and the sums of their rows. */
  readonly #classes: number[] = [];
  readonly #sums: number[] = [];
  readonly #present: number[] = [];
  readonly #absent: number[] = [];

  constructor(options: LabelTableOptions) {
    this.#options = options;
    this.#isHuman = options.kind === 'human';
  }

  /** @throws DataError naming file and line */
  scan(chunk: Buffer): void {
    const bytes = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk;
    let start = 0;
    for (let end = bytes.indexOf(lineEnd); end >= 0; end = bytes.indexOf(lineEnd, start)) {
      this.#readLine(bytes, start, end);
      start = end + 1;
    }
    this.#rest = Buffer.from(bytes.subarray(start));
  }

  end(): void {
    if (this.#rest.length > 0) this.#readLine(this.#rest, 0, this.#rest.length);
    if (this.#line === 0) throw this.#refuse(header, 'an empty file', 1);
    this.#finishImage();
  }

  #readLine(bytes: Buffer, start: number, ending: number): void {
    const end = ending > start && bytes[ending - 1] === carriageReturn ? ending - 1 : ending;
    this.#line++;
    if (this.#line === 1) {
      if (bytes.toString('utf8', start, end).replace('\ufeff', '').trim() === header) return;
      throw this.#refuse(header, bytes.toString('utf8', start, end).slice(0, 80));
    }
    if (end === start) return;
    let [first, second, third] = [-1, -1, -1];
    for (let at = start; at < end; at++) {
      if (bytes[at] !== comma) continue;
      if (first < 0) first = at;
      else if (second < 0) second = at;
      else third = at;
    }
    const confidence = third < 0 ? Number.NaN : confidenceOf(bytes, third + 1, end);
    const isValue = this.#isHuman ? confidence === 0 || confidence === 1 : confidence >= 0 && confidence <= 1;
    if (!isValue || first === start || third === second + 1) {
      const expected = `${header} with confidence ${this.#isHuman ? '0 or 1' : 'from 0 to 1'}`;
      throw this.#refuse(expected, bytes.toString('utf8', start, end).slice(0, 80));
    }
    this.#openImage(bytes, start, first);
    const c = this.#options.columns.find(bytes, second + 1, third);
    if (c >= 0 && (this.#isHuman || confidence >= 0.5)) this.#add(c, this.#isHuman ? 2 * confidence - 1 : 1);
  }

  #openImage(bytes: Buffer, start: number, end: number): void {
    const { ids } = this.#options;
    const order = ids.length === 0 ? -1 : ids.compare(ids.length - 1, bytes, start, end);
    if (order === 0) return;
    if (order > 0) {
      throw this.#refuse('sorted by image', `${bytes.toString('utf8', start, end)} after ${ids.name(ids.length - 1)}`);
    }
    this.#finishImage();
    ids.push(bytes, start, end);
  }

  #add(c: number, value: number): void {
    const at = this.#classes.indexOf(c);
    if (at >= 0) this.#sums[at] += value;
    else {
      this.#classes.push(c);
      this.#sums.push(value);
    }
  }

  /** The lists are reused, because there are millions of images. */
  #finishImage(): void {
    if (this.#options.ids.length === 0) return;
    const [present, absent] = [this.#present, this.#absent];
    present.length = 0;
    absent.length = 0;
    for (let i = 0; i < this.#classes.length; i++) {
      if (this.#sums[i] > 0) present.push(this.#classes[i]);
      else if (this.#sums[i] < 0) absent.push(this.#classes[i]);
    }
    if (present.length > 1) present.sort(ascending);
    if (absent.length > 1) absent.sort(ascending);
    this.#options.rows.push({ present, absent });
    this.#classes.length = 0;
    this.#sums.length = 0;
  }

  #refuse(expected: string, received: string, line: number = this.#line): Error {
    return this.#options.folder.refuse(`${this.#options.file}, line ${line}`, expected, received);
  }
}

const ascending = (a: number, b: number): number => a - b;

/** Nearly all are a single character. */
function confidenceOf(bytes: Buffer, start: number, end: number): number {
  if (end === start + 1 && (bytes[start] === zero || bytes[start] === one)) return bytes[start] - zero;
  return Number(bytes.toString('latin1', start, end).trim() || 'none');
}
