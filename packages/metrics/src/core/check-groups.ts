import { checkIndices } from '@ltml/tensor/labels';

/**
 * Checks named groups of classes or images.
 *
 * @param count the number of classes or images
 * @throws DataError naming the group and the position of the bad index
 */
export function checkGroups(where: string, argument: string, groups: object, count: number): void {
  for (const [name, members] of Object.entries(groups)) checkIndices(where, `${argument}.${name}`, members, count);
}
