/** Groups of equal or similar items, by index, ascending; each group has at least two. */
export type DuplicateGroups = readonly (readonly number[])[];

/** Groups the indices of equal values; undefined equals nothing. Cost: linear. */
export function equalGroups(values: readonly (string | undefined)[]): DuplicateGroups {
  const groups = new Map<string, number[]>();
  for (const [place, value] of values.entries()) {
    if (value === undefined) continue;
    const group = groups.get(value);
    if (group) group.push(place);
    else groups.set(value, [place]);
  }
  return [...groups.values()].filter(({ length }) => length > 1);
}

/** The largest number of different bits. Then at least one of four parts of 16 bits is equal. */
const mostBits = 3;
/** If many hashes share a part, each is compared with this many of those before it. */
const mostCompared = 32;

/**
 * Groups the indices of 64-bit hashes that differ in at most 3 bits, directly or through others. Only hashes with an
 * equal quarter are compared, so the cost is linear in their number.
 *
 * @param hashes 16 hexadecimal digits each; undefined is similar to nothing
 */
export function nearGroups(hashes: readonly (string | undefined)[]): DuplicateGroups {
  // Equal hashes are compared as one.
  const different = [...new Set(hashes.filter((hash) => hash !== undefined))];
  const [upper, lower] = [0, 8].map((start) =>
    Uint32Array.from(different, (hash) => Number.parseInt(hash.slice(start, start + 8), 16)),
  );
  const joined = Int32Array.from(different.keys());
  const rootOf = (place: number): number => {
    let root = place;
    while (joined[root] !== root) root = joined[root];
    joined[place] = root;
    return root;
  };
  for (let quarter = 0; quarter < 4; quarter++) {
    const buckets = new Map<string, number[]>();
    for (const [place, hash] of different.entries()) {
      const part = hash.slice(4 * quarter, 4 * quarter + 4);
      const bucket = buckets.get(part) ?? [];
      if (bucket.length === 0) buckets.set(part, bucket);
      for (let at = Math.max(0, bucket.length - mostCompared); at < bucket.length; at++) {
        const other = bucket[at];
        if (bitsOf(upper[place] ^ upper[other]) + bitsOf(lower[place] ^ lower[other]) > mostBits) continue;
        const [a, b] = [rootOf(place), rootOf(other)];
        joined[Math.max(a, b)] = Math.min(a, b);
      }
      bucket.push(place);
    }
  }
  const placeOf = new Map(different.map((hash, place) => [hash, place]));
  return equalGroups(hashes.map((hash) => (hash === undefined ? undefined : `${rootOf(placeOf.get(hash) as number)}`)));
}

function bitsOf(word: number): number {
  let bits = 0;
  for (let rest = word; rest !== 0; rest &= rest - 1) bits++;
  return bits;
}
