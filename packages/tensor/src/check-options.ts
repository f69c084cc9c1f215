import { OptionError } from './errors.ts';

/** The ends of a range of numbers. An end that is left out does not limit the range. */
export interface NumberRange {
  /** Smallest allowed value, inclusive. */
  readonly min?: number;
  /** Largest allowed value, inclusive. */
  readonly max?: number;
  /** Exclusive lower bound: every value must be greater. */
  readonly above?: number;
  /** Exclusive upper bound: every value must be smaller. */
  readonly below?: number;
}

/**
 * Checks that an option is a finite number within a range.
 *
 * ```ts
 * checkNumber('asymmetricLoss', 'options.clip', clip, { min: 0, below: 1 });
 * ```
 *
 * @throws OptionError naming the range, also for NaN, infinities and values that are not numbers
 */
export function checkNumber(where: string, argument: string, value: unknown, range: NumberRange = {}): void {
  if (typeof value === 'number' && Number.isFinite(value) && isInside(value, range)) return;
  refuse(where, argument, `a finite number${inWords(range)}`, value);
}

/**
 * Checks that an option is a whole number within a range; the default range starts at 1.
 *
 * @throws OptionError naming the range
 */
export function checkCount(
  where: string,
  argument: string,
  value: unknown,
  { min = 1, max }: Pick<NumberRange, 'min' | 'max'> = {},
): void {
  const range = { min, ...(max !== undefined && { max }) };
  if (Number.isSafeInteger(value) && isInside(value as number, range)) return;
  refuse(where, argument, `a whole number${inWords(range)}`, value);
}

/**
 * Checks that an option is one of a list of names.
 *
 * @throws OptionError listing the names
 */
export function checkChoice<T extends string>(where: string, argument: string, value: T, choices: readonly T[]): void {
  if (!choices.includes(value)) refuse(where, argument, `one of ${choices.join(', ')}`, value);
}

/** Checks that an option is a boolean. @throws OptionError */
export function checkFlag(where: string, argument: string, value: unknown): void {
  if (typeof value !== 'boolean') refuse(where, argument, 'true or false', value);
}

/**
 * Refuses unknown option names and lists the known ones.
 *
 * TypeScript finds such mistakes at compile time; configurations and plain JavaScript need the check at run time.
 *
 * @throws OptionError
 */
export function checkOptionNames(where: string, options: object, known: readonly string[]): void {
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue;
    throw new OptionError({
      where,
      argument: 'options',
      expected: `made of ${known.join(', ')}`,
      received: `the unknown option "${name}"`,
    });
  }
}

function isInside(value: number, { min, max, above, below }: NumberRange): boolean {
  return (
    (min === undefined || value >= min) &&
    (max === undefined || value <= max) &&
    (above === undefined || value > above) &&
    (below === undefined || value < below)
  );
}

/** ` ≥ 0`, ` in [0, 1)`, or nothing for a range without ends. */
function inWords({ min, max, above, below }: NumberRange): string {
  const low = min ?? above;
  const high = max ?? below;
  if (low === undefined && high === undefined) return '';
  if (high === undefined) return ` ${min === undefined ? '>' : '≥'} ${low}`;
  if (low === undefined) return ` ${max === undefined ? '<' : '≤'} ${high}`;
  return ` in ${min === undefined ? '(' : '['}${low}, ${high}${max === undefined ? ')' : ']'}`;
}

function refuse(where: string, argument: string, expected: string, value: unknown): never {
  throw new OptionError({ where, argument, expected, received: shown(value) });
}

/** A value as an error shows it: text in quotes, objects by their kind. */
function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'an array' : 'an object';
  return String(value);
}
