import { checkIndices } from '@ltml/tensor/labels';

/**
 * Checks groups of classes, or of images, by their names.
 *
 * @param count how many there are to choose from
 * @throws DataError naming the group and the place in it
 */
export function checkGroups(where: string, argument: string, groups: object, count: number): void {
  for (const [name, members] of Object.entries(groups)) checkIndices(where, `${argument}.${name}`, members, count);
}
