import type { RandomStream } from '@ltml/tensor';

/** The classes of a scene, ascending. */
export type LabelSet = readonly number[];

const maxLabels = 4;

/**
 * How scenes hang together: a scene has one context, a class is at home in one. Elsewhere it is seldom seen.
 * Of the contexts the first is the most common, as living rooms are in photographs.
 */
const contextShares = [0.4, 0.25, 0.2, 0.15];
const awayFromHome = 0.15;

/**
 * Label sets of a long-tailed training set with exactly `counts[c]` scenes of class c, 1 … 4 labels a scene.
 *
 * Rare classes choose their scenes first, each mostly among scenes of its home context. The most frequent class comes
 * last: it fills the scenes that are still empty, then joins others in any context. So it accompanies everything, as
 * `person` does in VOC.
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
  const order = Array.from(random.permutation(sceneCount)).filter((scene) => sets[scene].size < maxLabels);
  order.sort((a, b) => Number(sets[a].size > 0) - Number(sets[b].size > 0));
  for (const scene of order.slice(0, counts[everywhere])) sets[scene].add(everywhere);
  return sets.map((set) => [...set].sort((a, b) => a - b));
}

/**
 * Label sets with 1, 2 and 3 labels in turn, every class equally often (the counts differ by one at most).
 *
 * Classes are dealt like cards: from a shuffled deck with one card for each class, and the next deck when it is empty.
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

/** `length` integers, i in the share `shares[i]` of the places. */
function spread(length: number, shares: readonly number[]): number[] {
  let border = 0;
  const borders = shares.map((share) => {
    border += share;
    return Math.round(border * length);
  });
  return Array.from({ length }, (_, i) => borders.findIndex((end) => i < end));
}
