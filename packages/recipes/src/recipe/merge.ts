/** Entries that decide which others an object has. If one changes, nothing of the old object is kept. */
const discriminators = ['name', 'by'];

/**
 * Lays a value over another one, leaf by leaf: entries missing in `over` come from `base`. Lists and plain values are
 * replaced as a whole. So are objects whose `name` or `by` differs from that of `base`.
 */
export function mergeLeaves(base: unknown, over: unknown): unknown {
  if (over === undefined) return base;
  if (!isObject(base) || !isObject(over) || anotherBy(base, over) !== undefined) return over;
  const names = new Set([...Object.keys(base), ...Object.keys(over)]);
  // Made of entries, so that a key `__proto__` is one like any other.
  return Object.fromEntries([...names].map((name) => [name, mergeLeaves(own(base, name), own(over, name))]));
}

/** An object that was replaced by one of another kind. */
export interface Replaced {
  readonly path: readonly string[];
  /** Its name, and the name of the new object. */
  readonly names: readonly [before: unknown, now: unknown];
  /** Its entries that were lost. */
  readonly gone: readonly string[];
}

/** The objects that {@link mergeLeaves} replaces because of another name, so that entries are lost. */
export function replacedBy(base: unknown, over: unknown, path: readonly string[] = []): readonly Replaced[] {
  if (!isObject(base) || !isObject(over)) return [];
  const key = anotherBy(base, over);
  if (key === undefined) {
    return Object.keys(over).flatMap((name) => replacedBy(own(base, name), own(over, name), [...path, name]));
  }
  const gone = Object.keys(base).filter((name) => !discriminators.includes(name) && !Object.hasOwn(over, name));
  return gone.length > 0 ? [{ path, names: [base[key], over[key]], gone }] : [];
}

/** Whether a value is an object and not an array. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The object's own entry; undefined for inherited ones such as `constructor`. */
export function own<T>(object: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

/** The entry that says that two objects are of different kinds; undefined if they are of one kind. */
function anotherBy(
  base: Readonly<Record<string, unknown>>,
  over: Readonly<Record<string, unknown>>,
): string | undefined {
  return discriminators.find((key) => Object.hasOwn(base, key) && Object.hasOwn(over, key) && over[key] !== base[key]);
}
