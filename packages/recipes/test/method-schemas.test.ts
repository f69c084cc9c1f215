import { classifier } from '@ltml/classifier';
import { cprfl } from '@ltml/cprfl';
import { dscl } from '@ltml/dscl';
import { mkt } from '@ltml/mkt';
import { sarb, semanticTransfer } from '@ltml/sarb';
import { piaa, sparc, tagclip } from '@ltml/training-free';
import { describe, expect, it } from 'vitest';

type Path = readonly (string | number)[];

/** Every place of a configuration, objects among them. */
function places(value: unknown, path: Path = []): [Path, unknown][] {
  const below = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  return [[path, value], ...below.flatMap(([key, each]) => places(each, [...path, key]))];
}

/** The configuration with something else in a place. */
function changed(config: object, path: Path, value: unknown): unknown {
  if (path.length === 0) return value;
  const copy = structuredClone(config) as Record<string, unknown>;
  const parent = path.slice(0, -1).reduce<Record<string, unknown>>((at, key) => at[key] as typeof at, copy);
  parent[path.at(-1)!] = value;
  return copy;
}

const methods = [classifier, cprfl, dscl, mkt, piaa, sarb, semanticTransfer, sparc, tagclip];

describe.each(methods)('the schema of $name', ({ configSchema, presets }) => {
  const all = Object.values(presets ?? {}).flatMap((config) =>
    places(config).map(([path, value]) => [config as object, path, value] as const),
  );
  const refuses = (config: unknown): boolean => {
    try {
      configSchema.parse(config);
      return false;
    } catch {
      return true;
    }
  };

  it('refuses what is no number, no name it knows, and no flag, at every place', () => {
    for (const [config, path, value] of all) {
      const bad = {
        number: [Number.NaN, Infinity, -Infinity, -2, '1', true],
        boolean: [1, 'true', null],
        string: [1, false],
      }[typeof value as string];
      for (const each of bad ?? [])
        expect([path, each, refuses(changed(config, path, each))]).toEqual([path, each, true]);
    }
  });

  it('refuses keys that it does not know, at every depth', () => {
    for (const [config, path, value] of all) {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) continue;
      const odd = { ...value, unheardOf: 1 };
      expect([path, refuses(changed(config, path, odd))]).toEqual([path, true]);
    }
  });
});
