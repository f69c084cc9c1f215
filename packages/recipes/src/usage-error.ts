/** The command line or a configuration is wrong: exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  /** What is wrong, a line for each mistake. */
  readonly lines: readonly string[];

  constructor(...lines: readonly string[]) {
    super(lines.join('\n'));
    this.lines = lines;
  }
}
