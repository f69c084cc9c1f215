/**
 * Short names of recipe entries: the shortest ending that is unique, e.g. `learningRate` for
 * `method.options.optimizer.learningRate`.
 */
export function shortNames(entries: readonly string[]): string[] {
  const endsOf = (entry: string): string[] => {
    const parts = entry.split('.');
    return parts.map((_, i) => parts.slice(parts.length - 1 - i).join('.'));
  };
  const all = entries.map((entry) => new Set(endsOf(entry)));
  return entries.map((entry, own) => {
    const unique = endsOf(entry).find((end) => all.every((ends, i) => i === own || !ends.has(end)));
    return unique ?? entry;
  });
}

/**
 * A short text for the value of an entry. A part without options is its name; empty if the point does not set the
 * entry.
 */
export function settingText(setting: unknown): string {
  if (setting === undefined) return '';
  if (typeof setting === 'string') return setting;
  if (typeof setting === 'object' && setting !== null && Object.keys(setting).join() === 'name') {
    return String((setting as { name: unknown }).name);
  }
  return JSON.stringify(setting);
}
