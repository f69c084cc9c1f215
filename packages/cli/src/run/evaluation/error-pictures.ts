import type { ClassErrors, ImageSet, Model } from '@ltml/recipes/node';
import { drawnThumbnail, pictureThumbnail } from '../../thumbnail.ts';
import { drawEvidenceMap } from '../evidence-map.ts';
import { evidenceOfModel } from '../predict/evidence-of-model.ts';

/** A picture for a page. */
export interface ErrorPicture {
  /** What the data set calls it. */
  readonly name: string;
  /** The picture, as a URL that holds it. */
  readonly thumbnail: string;
  /** The same under a shade that is lifted where the class looks; left out where a learner does not attend by class. */
  readonly evidence?: string;
}

/**
 * Pictures of the errors of each class, small. A picture is read once, however many classes are wrong about it.
 *
 * @returns by class and image, see {@link pictureKey}
 */
export async function errorPictures(
  errors: readonly ClassErrors[],
  { images }: ImageSet,
  model: Model,
  onProgress: (done: number) => void,
): Promise<ReadonlyMap<string, ErrorPicture>> {
  const classesOf = new Map<number, number[]>();
  for (const { index, falsePositives, misses } of errors) {
    for (const row of [...falsePositives, ...misses]) classesOf.set(row, [...(classesOf.get(row) ?? []), index]);
  }
  const pictures = new Map<string, ErrorPicture>();
  let done = 0;
  for (const [row, classes] of classesOf) {
    const picture = await images.read(row);
    const [name, thumbnail] = [images.key(row), await pictureThumbnail(picture)];
    const maps = model.learner.evidence && (await evidenceOfModel(model, picture));
    for (const c of classes) {
      const evidence = maps?.[c] && (await drawEvidenceMap(picture, maps[c]).then(drawnThumbnail));
      pictures.set(pictureKey(c, row), { name, thumbnail, ...(evidence && { evidence }) });
    }
    onProgress(++done / classesOf.size);
  }
  return pictures;
}

export function pictureKey(c: number, row: number): string {
  return `${c}/${row}`;
}
