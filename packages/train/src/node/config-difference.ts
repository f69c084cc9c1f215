/**
 * Describes the entries in which two configurations differ, as `path: there, here`. A missing entry is shown as
 * `nothing`.
 *
 * @param limit largest number of entries to name; the number of others follows
 */
export function configDifference(there: unknown, here: unknown, limit: number = 8): string {
  const found = differences(there, here, '');
  const more = found.length - limit;
  return found.slice(0, limit).join('; ') + (more > 0 ? `; and ${more} more` : '');
}

function differences(there: unknown, here: unknown, path: string): string[] {
  if (isBranch(there) && isBranch(here) && Array.isArray(there) === Array.isArray(here)) {
    const names = new Set([...Object.keys(there), ...Object.keys(here)]);
    return [...names].flatMap((name) =>
      differences(own(there, name), own(here, name), path === '' ? name : `${path}.${name}`),
    );
  }
  if (JSON.stringify(there) === JSON.stringify(here)) return [];
  return [`${path === '' ? 'all' : path}: ${shown(there)} there, ${shown(here)} here`];
}

function isBranch(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function own(value: Record<string, unknown>, name: string): unknown {
  return Object.hasOwn(value, name) ? value[name] : undefined;
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}
