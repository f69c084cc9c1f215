import {
  CheckoutPeer,
  formatMemory,
  formatSpeed,
  measureMemory,
  runSpeed,
  type SpeedPeer,
  type SpeedRow,
  type SpeedTopic,
  speedRows,
  TorchPeer,
} from '@ltml/benchmarks/speed';
import { UsageError } from '@ltml/recipes/usage-error';
import { startEngine } from '../engine.ts';
import type { BackendArgument } from '../option-parsers.ts';
import { ProgressLine } from '../progress-line.ts';
import { printErrors, printJson, printLines } from '../terminal.ts';

/** Options of `ltml bench --suite speed`. */
export interface SpeedOptions {
  readonly backend?: BackendArgument;
  /** Topics, or beginnings of row names; default: all. */
  readonly rows?: readonly string[];
  /** `torch`, or the folder of another checkout of LTML. */
  readonly peer?: string;
  /** With the peer torch: also measure torch.compile. */
  readonly torchCompile?: boolean;
  readonly python?: string;
  /** Measure peak memory instead of time. */
  readonly memory?: boolean;
  readonly json?: boolean;
}

/** Measures the time or the memory of rows, and prints the results. */
export async function runSpeedSuite(options: SpeedOptions): Promise<void> {
  const { rows, peer, torchCompile = false, python, memory, json, backend } = options;
  const chosen = chooseSpeedRows(rows);
  const engine = await startEngine(backend);
  if (memory) {
    if (peer && peer !== 'torch') throw new UsageError('--memory: compares with --peer torch only');
    const results = await measureMemory(chosen, {
      engine,
      ...(peer && { python: python ?? 'python3' }),
      onResult: (result) => printErrors(formatMemory([result])[1]),
    });
    if (json) await printJson(results, 2);
    else await printLines(...formatMemory(results));
    return;
  }
  const other = await startPeer(peer, engine, python);
  try {
    const line = new ProgressLine();
    let done = 0;
    const results = await runSpeed(chosen, {
      engine,
      ...(other && { peer: other, peerCompiles: torchCompile }),
      onResult: ({ row, ms, ratio }) => {
        line.show(++done / chosen.length, row);
        const compared = ratio === null ? '' : `, ratio ${ratio.toFixed(2)}`;
        if (!process.stderr.isTTY) line.print(`${done}/${chosen.length}  ${row}  ${ms.toFixed(3)} ms${compared}`);
      },
    });
    line.clear();
    const lacking = other ? results.filter(({ peerMs }) => peerMs === null) : [];
    for (const { row } of lacking) printErrors(`${peer} has no row "${row}"`);
    if (json) await printJson(results, 2);
    else await printLines(...(other ? [`peer: ${other.title}`] : []), ...formatSpeed(results));
  } finally {
    other?.stop();
  }
}

/**
 * The rows of topics, and the rows whose names begin with a text. Without `chosen` all rows.
 *
 * @throws UsageError for a text that is neither a topic nor the beginning of a row's name
 */
export function chooseSpeedRows(chosen?: readonly string[]): readonly SpeedRow[] {
  const topics = Object.keys(speedRows) as SpeedTopic[];
  const all = topics.flatMap((topic): readonly SpeedRow[] => speedRows[topic]);
  const rowsOf = (name: string): readonly SpeedRow[] => {
    const topic = topics.find((candidate) => candidate === name);
    const found = topic ? speedRows[topic] : all.filter((row) => row.name.startsWith(name));
    if (found.length > 0) return found;
    throw new UsageError(`--rows: unknown "${name}"; known: ${topics.join(', ')}, or the beginning of a row's name`);
  };
  // A row may belong to two topics.
  return [...new Set((chosen ?? topics).flatMap(rowsOf))];
}

async function startPeer(
  peer: string | undefined,
  engine: string,
  python: string | undefined,
): Promise<SpeedPeer | undefined> {
  if (peer === undefined) return undefined;
  return peer === 'torch' ? TorchPeer.start(python) : CheckoutPeer.start(peer, engine);
}
