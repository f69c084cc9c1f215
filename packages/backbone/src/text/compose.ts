/** Unicode calls a text stream-safe if its runs of combining marks are at most this long. */
const longestOrdinaryRun = 30;

/**
 * Unicode's canonical composition, NFC. Very long runs of marks are sorted here first, because engines need quadratic
 * time for them.
 */
export function compose(text: string): string {
  const ordered = text.replace(/\p{M}+/gu, (run) => (run.length > longestOrdinaryRun ? inCanonicalOrder(run) : run));
  return ordered.normalize('NFC');
}

/** The marks of a run, decomposed and sorted by their combining class between marks of class 0, which do not move. */
function inCanonicalOrder(run: string): string {
  const marks = Array.from(Array.from(run, (mark) => mark.normalize('NFD')).join(''));
  const ranks = combiningRanks(new Set(marks));
  let ordered = '';
  let waiting = new Map<number, string[]>();
  const release = (): void => {
    const byRank = [...waiting].sort(([a], [b]) => a - b);
    ordered += byRank.map(([, equal]) => equal.join('')).join('');
    waiting = new Map();
  };
  for (const mark of marks) {
    const rank = ranks.get(mark);
    if (rank === undefined) {
      release();
      ordered += mark;
    } else {
      const equal = waiting.get(rank);
      if (equal) equal.push(mark);
      else waiting.set(rank, [mark]);
    }
  }
  release();
  return ordered;
}

/**
 * The rank of each mark's combining class; none for class 0. JavaScript reveals classes only by how it reorders marks.
 */
function combiningRanks(marks: ReadonlySet<string>): ReadonlyMap<string, number> {
  const swaps = (a: string, b: string): boolean => (a + b).normalize('NFD') !== a + b;
  // U+0345 has the highest class, 240, and is the only mark in it.
  const moving = [...marks].filter((mark) => mark === '\u0345' || swaps('\u0345', mark));
  moving.sort((a, b) => Number(swaps(a, b)) - Number(swaps(b, a)));
  let rank = 0;
  return new Map(moving.map((mark, i) => [mark, i > 0 && swaps(mark, moving[i - 1]) ? ++rank : rank]));
}
