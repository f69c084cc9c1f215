/** What every error of this project says: where, about which argument, what was expected and what came. */
export interface ErrorDetails {
  /** The public function that refuses, e.g. `asymmetricLoss`. */
  readonly where: string;
  /** The argument or option at fault, e.g. `labels` or `options.clip`. */
  readonly argument: string;
  /** What it should be, to follow "should be". */
  readonly expected: string;
  /** What came instead. */
  readonly received: string;
  /** What to do about it, one sentence. */
  readonly hint?: string;
  readonly cause?: unknown;
}

const mark = Symbol.for('@ltml/error');

/**
 * Base of all errors of the project.
 *
 * Its kinds are recognised by a registered symbol, not by `instanceof`, so that two installed copies of this package
 * agree: `ShapeError.is(error)`.
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

  static is(error: unknown): error is LtmlError {
    return hasKind(error, 'LtmlError');
  }
}

/** A tensor's rank or size does not fit the other arguments. */
export class ShapeError extends LtmlError {
  constructor(details: ErrorDetails) {
    super(details, 'ShapeError');
  }

  static override is(error: unknown): error is ShapeError {
    return hasKind(error, 'ShapeError');
  }
}

/** An option is unknown, of the wrong type or out of its range. */
export class OptionError extends LtmlError {
  constructor(details: ErrorDetails) {
    super(details, 'OptionError');
  }

  static override is(error: unknown): error is OptionError {
    return hasKind(error, 'OptionError');
  }
}

/** Values are bad: NaN, labels outside {0, 1}, a broken or hostile file. */
export class DataError extends LtmlError {
  constructor(details: ErrorDetails) {
    super(details, 'DataError');
  }

  static override is(error: unknown): error is DataError {
    return hasKind(error, 'DataError');
  }
}

/** The request is well formed, but this engine, platform or combination cannot do it. */
export class NotSupportedError extends LtmlError {
  constructor(details: ErrorDetails) {
    super(details, 'NotSupportedError');
  }

  static override is(error: unknown): error is NotSupportedError {
    return hasKind(error, 'NotSupportedError');
  }
}

function hasKind(error: unknown, kind: string): boolean {
  const kinds = error instanceof Error ? (Reflect.get(error, mark) as unknown) : undefined;
  return Array.isArray(kinds) && kinds.includes(kind);
}
