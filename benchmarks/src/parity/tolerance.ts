import { DataError } from '@ltml/tensor';
import { isRecord } from './index-file.ts';
import { wildcard } from './stored.ts';

/** How far a value can be from the stored one. */
export type Rule =
  | { readonly kind: 'close'; readonly relative: number; readonly absolute: number; readonly scale: Scale }
  /** For counts of random draws: the number of standard deviations from their expected value. */
  | { readonly kind: 'statistical'; readonly sigmas: number }
  /** For summaries of large tensors: relative to the standard deviation stored beside them. */
  | { readonly kind: 'summary'; readonly relativeToDeviation: number; readonly gradient: number };

/**
 * How the bounds are scaled.
 *
 * - `none`: not at all.
 * - `absolute`: the absolute bound is multiplied by the largest stored magnitude.
 * - `both`: one bound for the whole tensor, relative to max(1, largest stored magnitude).
 */
type Scale = 'none' | 'absolute' | 'both';

/** The rule if an index gives none. */
const unstated: Rule = { kind: 'close', relative: 1e-4, absolute: 1e-6, scale: 'none' };

const known = new Set([
  'rtol',
  'atol',
  'atol_x_max',
  'exact',
  'grad_rtol',
  'grad_atol',
  'rel_to_std',
  'grad_rel',
  'note',
  'unit',
]);

/**
 * The rule for one output, from the `tolerance` of an index entry. An entry has one of these forms:
 *
 * - One rule for all outputs: `{ rtol, atol }`, `{ rtol, atol_x_max }` or `{ exact: true }`. A missing bound is 0.
 * - In addition `grad_rtol` and `grad_atol` for gradients: names with a part that starts with `grad`.
 * - `{ rel_to_std, grad_rel }` for summaries of large tensors.
 * - Rules by name or by pattern with `*`, and `default` for the others. The exact name has priority, then the longest
 *   pattern. `"drawn_*": "statistical only (5 sigma)"` is such a rule too.
 * - A `note` that the tolerances are relative to max(1, |ref|_max).
 *
 * @throws DataError for an unknown key, so that no rule is ignored silently
 */
export function ruleFor(name: string, tolerance: Readonly<Record<string, unknown>>): Rule {
  const named = Object.keys(tolerance).filter((key) => !known.has(key));
  const patterns = named
    .filter((key) => key === name || (key.includes('*') && wildcard(key).test(name)))
    .sort((a, b) => Number(b === name) - Number(a === name) || b.length - a.length);
  if (patterns.length > 0) return readRule(name, tolerance[patterns[0]]);
  if ('default' in tolerance) return readRule(name, tolerance.default);
  return Object.keys(tolerance).some((key) => known.has(key)) ? readRule(name, tolerance) : unstated;
}

function readRule(name: string, rule: unknown): Rule {
  if (typeof rule === 'string') {
    const sigmas = /^statistical.*?(\d+(?:\.\d+)?) sigma/.exec(rule)?.[1];
    if (sigmas) return { kind: 'statistical', sigmas: Number(sigmas) };
  }
  if (!isRecord(rule)) throw unreadable(name, JSON.stringify(rule));
  const number = (key: string): number | undefined => {
    const value = rule[key];
    if (value === undefined || (typeof value === 'number' && value >= 0)) return value;
    throw unreadable(name, `${key} = ${JSON.stringify(value)}`);
  };
  if (rule.exact === true) return { kind: 'close', relative: 0, absolute: 0, scale: 'none' };
  const deviation = number('rel_to_std');
  if (deviation !== undefined) {
    return { kind: 'summary', relativeToDeviation: deviation, gradient: number('grad_rel') ?? deviation };
  }
  const gradient = name.split('/').some((part) => part.startsWith('grad'));
  const relative = (gradient ? number('grad_rtol') : undefined) ?? number('rtol') ?? 0;
  const timesMax = number('atol_x_max');
  const absolute = (gradient ? number('grad_atol') : undefined) ?? number('atol') ?? timesMax ?? 0;
  if (!['rtol', 'atol', 'atol_x_max'].some((key) => key in rule)) throw unreadable(name, JSON.stringify(rule));
  const both = typeof rule.note === 'string' && /relative to max\(1, ?\|ref\|/.test(rule.note);
  const scale = both ? 'both' : timesMax !== undefined && !('atol' in rule) ? 'absolute' : 'none';
  return { kind: 'close', relative, absolute, scale };
}

function unreadable(name: string, received: string): DataError {
  return new DataError({
    where: 'parity',
    argument: `tolerance of ${name}`,
    expected: 'rtol, atol, atol_x_max, exact, rel_to_std or "statistical only (… sigma)"',
    received,
  });
}
