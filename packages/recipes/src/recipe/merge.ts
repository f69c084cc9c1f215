/** Entries that decide which others there are: where one changes, nothing of the old object is kept. */
const discriminators = ['name', 'by'];

/**
 * Lays a value over another one leaf by leaf: entries that `over` leaves open are those of `base`. Lists and values that
 * are no objects are replaced whole, and so are objects whose `name` or `by` is another one than that of `base`.
 */
export function mergeLeaves(base: unknown, over: unknown): unknown {
  if (over === undefined) return base;
  if (!isObject(base) || !isObject(over) || isAnother(base, over)) return over;
  const names = new Set([...Object.keys(base), ...Object.keys(over)]);
  // Made of entries, so that a key `__proto__` is one like any other.
  return Object.fromEntries([...names].map((name) => [name, mergeLeaves(own(base, name), own(over, name))]));
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An entry of the object itself: what objects inherit (`constructor`) is none. */
export function own<T>(object: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

function isAnother(base: Readonly<Record<string, unknown>>, over: Readonly<Record<string, unknown>>): boolean {
  return discriminators.some((key) => Object.hasOwn(base, key) && Object.hasOwn(over, key) && over[key] !== base[key]);
}
