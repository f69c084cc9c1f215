import type { RandomStream } from '@ltml/tensor';

/** The class indices of a scene, ascending. */
export type LabelSet = readonly number[];

const maxLabels = 4;

/** Each scene has one context, like "living room" or "street"; these are the shares of the contexts. */
const contextShares = [0.4, 0.25, 0.2, 0.15];
/** How likely a class is in a scene outside its home context, relative to one inside. */
const awayFromHome = 0.15;
/** A class with fewer scenes is rare; the most frequent class then occurs with it. */
const rareBelow = 20;

/**
 * Label sets of a long-tailed training set with exactly `counts[c]` scenes of class c and 1 … 4 labels per scene.
 *
 * Rare classes choose their scenes first, mostly among scenes of their home context. The most frequent class comes last
 * and ignores contexts: it goes to scenes that are still empty or have a rare class, then to others. So it occurs with
 * nearly everything, as `person` does in VOC.
 *
 * @param homes [C] context of each class, below 4
 */
export function longTailedLabelSets(
  sceneCount: number,
  counts: readonly number[],
  homes: readonly number[],
  random: RandomStream,
): LabelSet[] {
  const sets = Array.from({ length: sceneCount }, () => new Set<number>());
  const contexts = random.shuffle(spread(sceneCount, contextShares));
  const [everywhere, ...others] = [...counts.keys()].sort((a, b) => counts[b] - counts[a]);
  for (const c of others.reverse()) {
    for (let left = counts[c]; left > 0; ) {
      const scene = random.integer(sceneCount);
      const welcome = contexts[scene] === homes[c] || random.uniform() < awayFromHome;
      if (!welcome || sets[scene].has(c) || sets[scene].size === maxLabels) continue;
      sets[scene].add(c);
      left--;
    }
  }
  const isUrgent = (set: Set<number>): boolean => set.size === 0 || [...set].some((c) => counts[c] < rareBelow);
  const open = random.shuffle(sets.filter((set) => set.size < maxLabels));
  const ordered = [...open.filter(isUrgent), ...open.filter((set) => !isUrgent(set))];
  for (const set of ordered.slice(0, counts[everywhere])) set.add(everywhere);
  return sets.map((set) => [...set].sort((a, b) => a - b));
}

/**
 * Label sets with 1, 2 and 3 labels in turn, where every class is equally frequent (counts differ by one at most).
 *
 * Classes are dealt from a shuffled deck with one card per class; when it is empty, a new deck follows.
 */
export function balancedLabelSets(sceneCount: number, classCount: number, random: RandomStream): LabelSet[] {
  let deck: number[] = [];
  const sets = Array.from({ length: sceneCount }, (_, scene) => {
    const set: number[] = [];
    // 2, 1, 3, 2, 1, 3 …: a thousand scenes have two thousand labels.
    const size = [2, 1, 3][scene % 3];
    while (set.length < size) {
      if (deck.length === 0) deck = Array.from(random.permutation(classCount));
      const at = deck.findIndex((c) => !set.includes(c));
      set.push(...deck.splice(at, 1));
    }
    return set.sort((a, b) => a - b);
  });
  return random.shuffle(sets);
}

/** A list of `length` integers; i occurs in the share `shares[i]` of them. */
function spread(length: number, shares: readonly number[]): number[] {
  let border = 0;
  const borders = shares.map((share) => {
    border += share;
    return Math.round(border * length);
  });
  return Array.from({ length }, (_, i) => borders.findIndex((end) => i < end));
}
