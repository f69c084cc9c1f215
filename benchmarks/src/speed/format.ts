import type { MemoryResult } from './memory.ts';
import type { SpeedResult } from './run.ts';

/** A table of the results. Below a ratio of 1 we are faster. */
export function formatSpeed(results: readonly SpeedResult[]): string[] {
  const compiles = results.some(({ peerCompiledMs }) => peerCompiledMs !== null);
  const head = ['row', 'engine', 'ms', 'peer ms', 'ratio', 'first ms', 'trace ms'];
  const cells = results.map(({ row, engine, ms, peerMs, ratio, firstMs, traceMs, peerCompiledMs }) => [
    ...[row, engine, fixed(ms, 3), fixed(peerMs, 3), fixed(ratio, 2), fixed(firstMs, 0), fixed(traceMs, 0)],
    ...(compiles ? [fixed(peerCompiledMs, 3)] : []),
  ]);
  const times = table([[...head, ...(compiles ? ['torch.compile'] : [])], ...cells]);
  const ofImages = results.filter(({ images }) => images !== undefined);
  return ofImages.length === 0 ? times : [...times, '', ...formatImages(ofImages)];
}

/**
 * A table of images per second, with two ratios: ours / peer (above 1 we are faster), and ours / limit, where the limit
 * is a row that does only part of the work.
 */
function formatImages(results: readonly SpeedResult[]): string[] {
  const cells = results.map(({ row, images = 0, ms, peerMs, limit }) => {
    const limitMs = results.find((other) => other.row === limit)?.ms;
    return [
      ...[row, fixed((1000 * images) / ms, 0), fixed(peerMs === null ? null : (1000 * images) / peerMs, 0)],
      ...[fixed(peerMs === null ? null : peerMs / ms, 2), fixed(limitMs === undefined ? null : limitMs / ms, 2)],
    ];
  });
  return table([['row', 'images/s', 'peer', 'ours / peer', 'of limit'], ...cells]);
}

/** A table of peak memory. Below a ratio of 1 we need less. */
export function formatMemory(results: readonly MemoryResult[]): string[] {
  const cells = results.map(({ row, engine, megabytes, peerMegabytes, ratio }) => [
    ...[row, engine, fixed(megabytes, 0), fixed(peerMegabytes, 0), fixed(ratio, 2)],
  ]);
  return table([['row', 'engine', 'MB', 'PyTorch MB', 'ratio'], ...cells]);
}

function fixed(value: number | null, digits: number): string {
  return value === null ? '–' : value.toFixed(digits);
}

function table(rows: readonly (readonly string[])[]): string[] {
  const width = Math.max(...rows.map(([first]) => first.length));
  const line = (cells: readonly string[]): string =>
    cells.map((cell, i) => (i === 0 ? cell.padEnd(width) : cell.padStart(12))).join(' ');
  return rows.map(line);
}
