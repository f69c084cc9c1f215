/** The parts of every error of this project: where, which argument, what was expected and what was given. */
export interface ErrorDetails {
  /** The public function that throws, e.g. `asymmetricLoss`. */
  readonly where: string;
  /** The wrong argument or option, e.g. `labels` or `options.clip`. */
  readonly argument: string;
  /** What it should be; completes "should be …". */
  readonly expected: string;
  /** What was given. */
  readonly received: string;
  /** What to do about it, in one sentence. */
  readonly hint?: string;
  /** The error behind it. */
  readonly cause?: unknown;
}

const mark = Symbol.for('@ltml/error');

/**
 * Base class of all errors of the project.
 *
 * Test the kind with `ShapeError.is(error)` rather than `instanceof`: it also works if two copies of this package are
 * installed.
 */
export class LtmlError extends Error {
  readonly where: string;
  readonly argument: string;
  readonly expected: string;
  readonly received: string;
  readonly hint: string | undefined;

  constructor(details: ErrorDetails, ...kinds: string[]) {
    const { where, argument, expected, received, hint, cause } = details;
    super(
      `${where}: ${argument} should be ${expected}, got ${received}${hint ? `. ${hint}` : ''}`,
      cause === undefined ? undefined : { cause },
    );
    this.name = kinds.at(-1) ?? 'LtmlError';
    this.where = where;
    this.argument = argument;
    this.expected = expected;
    this.received = received;
    this.hint = hint;
    Object.defineProperty(this, mark, { value: ['LtmlError', ...kinds] });
  }

  /** Whether an error is of this kind, from any installed copy of this package. */
  static is(error: unknown): error is LtmlError {
    return hasKind(error, 'LtmlError');
  }
}

/** The shape of a tensor does not fit the other arguments. */
export class ShapeError extends LtmlError {
  constructor(details: ErrorDetails) {
    super(details, 'ShapeError');
  }

  /** Whether an error is of this kind, from any installed copy of this package. */
  static override is(error: unknown): error is ShapeError {
    return hasKind(error, 'ShapeError');
  }
}

/** An option is unknown, has the wrong type or is out of range. */
export class OptionError extends LtmlError {
  constructor(details: ErrorDetails) {
    super(details, 'OptionError');
  }

  /** Whether an error is of this kind, from any installed copy of this package. */
  static override is(error: unknown): error is OptionError {
    return hasKind(error, 'OptionError');
  }
}

/** Data are invalid: NaN, labels other than 0 and 1, a broken or hostile file. */
export class DataError extends LtmlError {
  constructor(details: ErrorDetails) {
    super(details, 'DataError');
  }

  /** Whether an error is of this kind, from any installed copy of this package. */
  static override is(error: unknown): error is DataError {
    return hasKind(error, 'DataError');
  }
}

/** The request is valid, but this engine, platform or combination cannot do it. */
export class NotSupportedError extends LtmlError {
  constructor(details: ErrorDetails) {
    super(details, 'NotSupportedError');
  }

  /** Whether an error is of this kind, from any installed copy of this package. */
  static override is(error: unknown): error is NotSupportedError {
    return hasKind(error, 'NotSupportedError');
  }
}

function hasKind(error: unknown, kind: string): boolean {
  const kinds = error instanceof Error ? (Reflect.get(error, mark) as unknown) : undefined;
  return Array.isArray(kinds) && kinds.includes(kind);
}
