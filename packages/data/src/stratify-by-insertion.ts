/** Chooses one of several equally good candidates. @returns its position; it may be a constant */
export type ChooseFrom = (candidates: readonly number[]) => number;

/** A combination of classes that are balanced together. */
interface Key {
  /** Number of different classes. */
  readonly classes: number;
  /** The images that have all of them; some may be assigned already. */
  readonly images: number[];
  /** Number of these images that are not assigned yet. */
  left: number;
  /** How many images each fold still needs. */
  readonly wanted: number[];
}

/**
 * Assigns images by keys, the combinations with repetition of `order` classes of an image, in the order of their first
 * appearance. A later key comes first if it has more classes and fewer images left. The images of a key are assigned
 * from last to first, to the fold that needs most of the key.
 */
export function dealByInsertion(
  lists: readonly Int32Array[],
  ratios: readonly number[],
  order: number,
  choose: ChooseFrom,
): Int32Array {
  const keys = new Map<string, Key>();
  const keysOf = lists.map((list, image) =>
    combinations(Array.from(list), order).map((classes) => {
      const name = classes.join();
      const key = keys.get(name) ?? { classes: new Set(classes).size, images: [], left: 0, wanted: [] };
      keys.set(name, key);
      key.images.push(image);
      key.left++;
      return key;
    }),
  );
  for (const key of keys.values()) key.wanted.push(...ratios.map((ratio) => key.left * ratio));
  const wanted = ratios.map((ratio) => ratio * lists.length);
  const folds = ratios.map((_, fold) => fold);
  const foldOf = new Int32Array(lists.length).fill(-1);

  let waiting = [...keys.values()];
  for (let key = nextKey(waiting); key; key = nextKey(waiting)) {
    const { images, wanted: wantedOf } = key;
    for (let image = images.pop(); image !== undefined; image = images.pop()) {
      if (foldOf[image] >= 0) continue;
      const fold = choose(largest(folds, (candidate) => wantedOf[candidate]));
      foldOf[image] = fold;
      wanted[fold]--;
      for (const each of keysOf[image]) {
        each.wanted[fold]--;
        each.left--;
      }
    }
    waiting = waiting.filter(({ left }) => left > 0);
  }
  for (let image = lists.length - 1; image >= 0; image--) {
    if (foldOf[image] >= 0) continue;
    const eager = folds.filter((fold) => wanted[fold] > 0);
    foldOf[image] = choose(eager.length > 0 ? eager : largest(folds, (fold) => wanted[fold]));
    wanted[foldOf[image]]--;
  }
  return foldOf;
}

function nextKey(waiting: readonly Key[]): Key | undefined {
  let next = waiting.at(0);
  for (const key of waiting) if (next && key.classes > next.classes && key.left < next.left) next = key;
  return next;
}

/** Ascending combinations with repetition, in lexicographic order. */
function combinations(classes: readonly number[], order: number): number[][] {
  if (order === 0) return [[]];
  return classes.flatMap((c, at) => combinations(classes.slice(at), order - 1).map((rest) => [c, ...rest]));
}

/** The candidates with the highest score. */
export function largest(candidates: readonly number[], scoreOf: (candidate: number) => number): number[] {
  const top = candidates.reduce((most, candidate) => Math.max(most, scoreOf(candidate)), -Infinity);
  return candidates.filter((candidate) => scoreOf(candidate) === top);
}
