import { basename } from 'node:path';
import { type CheckedFact, compareCount } from '../../expected-count.ts';
import type { SetFolder } from './set-folder.ts';

/**
 * Reads labels by image id from the user's copy of `vg_category_200_labels_index.json` or `…_500_…`, which lists class
 * indices for each file name. Indices beyond the number of classes are ignored, because the authors made the first file
 * from the second in this way.
 *
 * @throws DataError naming file and file name
 */
export async function readLabelIndex(
  folder: SetFolder,
  file: string,
  classes: number,
): Promise<ReadonlyMap<number, readonly number[]>> {
  let value: unknown;
  try {
    value = JSON.parse(await folder.text(file));
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw folder.refuse(file, 'valid JSON', cause.message);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw folder.refuse(file, 'class indices for each file name', 'something else');
  }
  const labels = new Map<number, readonly number[]>();
  for (const [name, list] of Object.entries(value)) {
    const place = `${file}, "${name}"`;
    const id = imageIdOf(name);
    if (id === undefined) throw folder.refuse(place, 'a file name like 2405722.jpg', 'another');
    if (!Array.isArray(list) || !list.every((c) => Number.isSafeInteger(c) && c >= 0)) {
      throw folder.refuse(place, 'a list of class indices', JSON.stringify(list).slice(0, 40));
    }
    const known = [...new Set(list as number[])].filter((c) => c < classes);
    labels.set(
      id,
      known.sort((a, b) => a - b),
    );
  }
  return labels;
}

/** The id of the image in a file name; undefined for a name of another form. */
export function imageIdOf(name: string): number | undefined {
  const digits = /^(\d+)(?:\.jpg)?$/i.exec(basename(name))?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/**
 * Compares labels from a file with counted labels, image by image. Label files have no class names; a class gets the
 * counted name if most of its images are the same.
 */
export class SameClasses {
  readonly #both: Int32Array;
  readonly #either: Int32Array;

  constructor(classes: number) {
    this.#both = new Int32Array(classes);
    this.#either = new Int32Array(classes);
  }

  add(labels: readonly number[], counted: readonly number[]): void {
    const own = new Set(labels);
    for (const c of counted) if (own.has(c)) this.#both[c]++;
    for (const c of new Set([...labels, ...counted])) this.#either[c]++;
  }

  /** The number of classes that share at least half of their images with their namesake. */
  fact(): CheckedFact {
    const same = this.#both.filter((count, c) => count > 0 && 2 * count >= this.#either[c]).length;
    return compareCount('classes of the labels that go by the counted names', same, this.#both.length);
  }
}
