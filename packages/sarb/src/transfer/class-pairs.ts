import { checkCount } from '@ltml/tensor';

/** All pairs of two classes i < j, in the order (0, 1), (0, 2), …, (1, 2), … There are P = C·(C − 1)/2 pairs. */
export interface ClassPairs {
  /** i of each pair. */
  readonly first: Int32Array;
  /** j of each pair. */
  readonly second: Int32Array;
}

/** All pairs of two classes. @throws OptionError */
export function classPairs(classes: number): ClassPairs {
  checkCount('classPairs', 'classes', classes, { min: 0 });
  const count = (classes * (classes - 1)) / 2;
  const [first, second] = [new Int32Array(count), new Int32Array(count)];
  let p = 0;
  for (let i = 0; i < classes; i++) {
    for (let j = i + 1; j < classes; j++) {
      first[p] = i;
      second[p++] = j;
    }
  }
  return { first, second };
}
