import { isObject } from '../src/recipe/merge.ts';

export type Path = readonly string[];

/** Leaves below the top, by their paths; lists are leaves. */
export function leavesOf(value: unknown, path: Path = []): { path: Path; value: unknown }[] {
  if (!isObject(value)) return [{ path, value }];
  return Object.entries(value).flatMap(([key, entry]) => leavesOf(entry, [...path, key]));
}

export function nested([key, ...rest]: Path, value: unknown): object {
  return { [key]: rest.length === 0 ? value : nested(rest, value) };
}

export function at(value: unknown, path: Path): unknown {
  return path.reduce((inner, key) => (inner as Record<string, unknown> | null)?.[key], value);
}

/** Values that an entry might be changed to. */
export function others(value: unknown): unknown[] {
  if (typeof value === 'boolean') return [!value];
  if (typeof value === 'number') return [value / 2, value + 1, value * 2, Math.floor(value / 2), value - 1];
  if (Array.isArray(value)) return [value.map((entry) => (entry as number) + 1)];
  if (value === null) return [3, 0.5, {}];
  return [
    'mean',
    'sum',
    'none',
    'coupled',
    'batch',
    'known',
    'eval',
    'random',
    'fifo',
    'joined',
    'image',
    'scl',
    'empty',
    `${value}!`,
  ];
}
