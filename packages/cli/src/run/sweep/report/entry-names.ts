/** Entries by the shortest of their ends that none of the others has: `learningRate` of `method.options.optimizer.learningRate`. */
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

/** A value of an entry in a few letters: a part without options is its name; nothing where the recipe's own stands. */
export function settingText(setting: unknown): string {
  if (setting === undefined) return '';
  if (typeof setting === 'string') return setting;
  if (typeof setting === 'object' && setting !== null && Object.keys(setting).join() === 'name') {
    return String((setting as { name: unknown }).name);
  }
  return JSON.stringify(setting);
}
