import type { ClassErrors, ImageSet, Model } from '@ltml/recipes/node';
import { drawnThumbnail, pictureThumbnail } from '../../thumbnail.ts';
import { drawEvidenceMap } from '../evidence-map.ts';
import { evidenceOfModel } from '../predict/evidence-of-model.ts';

/** A picture for the page. */
export interface ErrorPicture {
  /** Key of the image in the data set. */
  readonly name: string;
  /** The picture as a data URL. */
  readonly thumbnail: string;
  /**
   * The picture with dark shade over places where the model does not look for the class. Left out if the method has no
   * such map.
   */
  readonly evidence?: string;
}

/**
 * Small pictures of the errors of each class. Each picture is read once, even if several classes show it.
 *
 * @param onProgress called with the fraction done
 * @returns pictures by class and image, see {@link pictureKey}
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

/** Key of the picture of class `c` and image `row`. */
export function pictureKey(c: number, row: number): string {
  return `${c}/${row}`;
}
