/** A mistake in the command line or a recipe. The command ends with exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  /** One line for each mistake. */
  readonly lines: readonly string[];

  constructor(...lines: readonly string[]) {
    super(lines.join('\n'));
    this.lines = lines;
  }
}

/**
 * A mistake in an entry of a recipe, e.g. `evaluation.select.metric`. The place of the entry is added later, by
 * `tellPlace`.
 */
export class EntryError extends UsageError {
  readonly entry: string;

  constructor(message: string, entry: string) {
    super(message);
    this.entry = entry;
  }
}
