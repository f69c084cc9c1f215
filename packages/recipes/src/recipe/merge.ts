/** Entries that decide which others there are: where one changes, nothing of the old object is kept. */
const discriminators = ['name', 'by'];

/**
 * Lays a value over another one leaf by leaf: entries that `over` leaves open are those of `base`. Lists and values that
 * are no objects are replaced whole, and so are objects whose `name` or `by` is another one than that of `base`.
 */
export function mergeLeaves(base: unknown, over: unknown): unknown {
  if (over === undefined) return base;
  if (!isObject(base) || !isObject(over) || anotherBy(base, over) !== undefined) return over;
  const names = new Set([...Object.keys(base), ...Object.keys(over)]);
  // Made of entries, so that a key `__proto__` is one like any other.
  return Object.fromEntries([...names].map((name) => [name, mergeLeaves(own(base, name), own(over, name))]));
}

/** An object that another one took the place of. */
export interface Replaced {
  readonly path: readonly string[];
  /** What it was called, and what stands there now. */
  readonly names: readonly [before: unknown, now: unknown];
  /** Its entries that are gone. */
  readonly gone: readonly string[];
}

/** Where {@link mergeLeaves} keeps nothing of an object since another one is named, and so loses entries. */
export function replacedBy(base: unknown, over: unknown, path: readonly string[] = []): readonly Replaced[] {
  if (!isObject(base) || !isObject(over)) return [];
  const key = anotherBy(base, over);
  if (key === undefined) {
    return Object.keys(over).flatMap((name) => replacedBy(own(base, name), own(over, name), [...path, name]));
  }
  const gone = Object.keys(base).filter((name) => !discriminators.includes(name) && !Object.hasOwn(over, name));
  return gone.length > 0 ? [{ path, names: [base[key], over[key]], gone }] : [];
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An entry of the object itself: what objects inherit (`constructor`) is none. */
export function own<T>(object: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

/** The entry by which two objects are not of one kind. */
function anotherBy(
  base: Readonly<Record<string, unknown>>,
  over: Readonly<Record<string, unknown>>,
): string | undefined {
  return discriminators.find((key) => Object.hasOwn(base, key) && Object.hasOwn(over, key) && over[key] !== base[key]);
}
