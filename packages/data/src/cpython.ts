import { MersenneTwister } from '@ltml/tensor';
import type { IndexSet } from './index-set.ts';

// Published subsets were drawn by Python scripts from sets of integers. Their images depend on CPython's random
// generator, on how `random.sample` uses it, and on the order in which CPython iterates over a set. All three are
// emulated here.

/** CPython's `random` after `random.seed(seed)`. */
export class CPythonRandom {
  readonly #generator: MersenneTwister;

  constructor(seed: number) {
    this.#generator = new MersenneTwister([seed]);
  }

  /** `random.sample(population, count)`. */
  sample(population: Int32Array, count: number): Int32Array {
    const n = population.length;
    // Python keeps a set of the drawn positions if it is smaller than a copy of the population.
    const setSize = 21 + (count > 5 ? 4 ** Math.ceil(Math.log(count * 3) / Math.log(4)) : 0);
    if (n <= setSize) {
      const pool = population.slice();
      return Int32Array.from({ length: count }, (_, i) => {
        const j = this.#below(n - i);
        const drawn = pool[j];
        pool[j] = pool[n - i - 1];
        return drawn;
      });
    }
    const used = new Set<number>();
    return Int32Array.from({ length: count }, () => {
      let j = this.#below(n);
      while (used.has(j)) j = this.#below(n);
      used.add(j);
      return population[j];
    });
  }

  /** Uniform integer in [0, n): takes as many leading bits as n has, and draws again until the number is below n. */
  #below(n: number): number {
    const bits = 32 - Math.clz32(n);
    let value = this.#generator.bits() >>> (32 - bits);
    while (value >= n) value = this.#generator.bits() >>> (32 - bits);
    return value;
  }
}

const neverUsed = -1;
const deleted = -2;
/** Number of neighbouring slots to try before the search jumps. */
const linearProbes = 9;

/**
 * CPython's `set` of small non-negative integers (whose hash is the integer itself), in the order of its hash table. It
 * supports up to 50,000 members, because beyond that the table grows by another rule.
 */
export class CPythonSet implements IndexSet {
  #slots: Int32Array = new Int32Array(8).fill(neverUsed);
  /** Number of slots that were ever used, by members and by deleted values. */
  #fill = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(value: number): void {
    const slot = this.#find(value);
    if (this.#slots[slot] === value) return;
    this.#slots[slot] = value;
    this.#fill++;
    this.#size++;
    if (5 * this.#fill >= 3 * (this.#slots.length - 1)) this.#rebuild(4 * this.#size);
  }

  delete(value: number): void {
    const slot = this.#find(value);
    if (this.#slots[slot] !== value) return;
    this.#slots[slot] = deleted;
    this.#size--;
  }

  list(): Int32Array {
    return this.#slots.filter((value) => value >= 0);
  }

  /** The order of `list(self - other)`. */
  without(other: this): Int32Array {
    if (Math.floor(this.#size / 4) > other.#size) {
      const copy = this.#copy();
      for (const value of other.list()) copy.delete(value);
      return copy.list();
    }
    const difference = new CPythonSet();
    for (const value of this.list()) if (!other.#has(value)) difference.add(value);
    return difference.list();
  }

  #has(value: number): boolean {
    return this.#slots[this.#find(value)] === value;
  }

  /** The slot of a value, or the free slot where it would be stored. */
  #find(value: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let start = value & mask;
    for (let perturb = value; ; ) {
      const last = start + linearProbes <= mask ? start + linearProbes : start;
      for (let slot = start; slot <= last; slot++) {
        if (slots[slot] === value || slots[slot] === neverUsed) return slot;
      }
      perturb >>>= 5;
      start = (5 * start + 1 + perturb) & mask;
    }
  }

  #copy(): CPythonSet {
    const copy = new CPythonSet();
    const target = this.#size <= 4 ? 8 : tableSize(2 * this.#size);
    if (this.#slots.length === target && this.#fill === this.#size) {
      copy.#slots = this.#slots.slice();
      copy.#fill = this.#fill;
      copy.#size = this.#size;
      return copy;
    }
    copy.#slots = new Int32Array(target).fill(neverUsed);
    for (const value of this.list()) copy.#insert(value);
    return copy;
  }

  #rebuild(above: number): void {
    const members = this.list();
    this.#slots = new Int32Array(tableSize(above)).fill(neverUsed);
    this.#fill = 0;
    this.#size = 0;
    for (const value of members) this.#insert(value);
  }

  /** Stores a value that is not in the set; the table has room. */
  #insert(value: number): void {
    this.#slots[this.#find(value)] = value;
    this.#fill++;
    this.#size++;
  }
}

/** The smallest power of two, at least 8, that exceeds a number. */
function tableSize(above: number): number {
  let size = 8;
  while (size <= above) size *= 2;
  return size;
}
