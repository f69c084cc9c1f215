import type { ParityResult } from './run.ts';

/** Numbers of cases that passed, failed and were skipped. */
export interface ParityCounts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export function countResults(results: readonly ParityResult[]): ParityCounts {
  const count = (status: ParityResult['status']): number => results.filter((result) => result.status === status).length;
  return { passed: count('passed'), failed: count('failed'), skipped: count('skipped') };
}

/** The report: a table by function, the problems of each failed case, the missing functions, and the counts. */
export function formatParity(results: readonly ParityResult[]): string[] {
  const groups = new Map<string, ParityResult[]>();
  for (const result of results) {
    const name = `${result.part}: ${result.function}`;
    groups.set(name, [...(groups.get(name) ?? []), result]);
  }
  const width = Math.max(8, ...[...groups.keys()].map((name) => name.length));
  const row = (name: string, ...cells: readonly (string | number)[]): string =>
    name.padEnd(width) + cells.map((cell) => String(cell).padStart(9)).join('');
  const lines = [row('function', 'passed', 'failed', 'skipped')];
  for (const [name, group] of groups) {
    const { passed, failed, skipped } = countResults(group);
    lines.push(row(name, passed || '', failed || '', skipped || ''));
  }
  for (const { part, name, function: called, problems } of results.filter((result) => result.status === 'failed')) {
    lines.push('', `failed: ${part}/${name} (${called})`, ...problems.map((problem) => `  ${problem}`));
  }
  for (const { part, name, reason } of results) if (reason) lines.push('', `skipped: ${part}/${name}: ${reason}`);
  const left = [...groups].filter(([, group]) => group.some(({ status, reason }) => status === 'skipped' && !reason));
  if (left.length > 0) lines.push('', `not implemented yet: ${left.map(([name]) => name).join(', ')}`);
  const { passed, failed, skipped } = countResults(results);
  return [...lines, '', `${passed} passed, ${failed} failed, ${skipped} skipped`];
}
