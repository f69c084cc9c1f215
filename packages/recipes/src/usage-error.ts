/** The command line or a recipe is wrong: exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  /** What is wrong, a line for each mistake. */
  readonly lines: readonly string[];

  constructor(...lines: readonly string[]) {
    super(lines.join('\n'));
    this.lines = lines;
  }
}

/** An entry of a recipe is wrong, e.g. `evaluation.select.metric`, whose place is not told yet. */
export class EntryError extends UsageError {
  readonly entry: string;

  constructor(message: string, entry: string) {
    super(message);
    this.entry = entry;
  }
}
