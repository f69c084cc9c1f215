// Runs the speed rows of another checkout on command, see PeerProcess: `checkout-child.ts BENCHMARKS ENGINE`. Rows and
// engine are loaded from that checkout.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import type { PreparedRow, SpeedRow } from '../../../packages/tensor/bench/row.ts';

const [benchmarks, engine] = process.argv.slice(2);
const say = (answer: object): void => void process.stdout.write(`${JSON.stringify(answer)}\n`);
// Output of libraries must not mix with the answers on stdout.
console.log = console.error;

const { resolve } = createRequire(join(benchmarks, 'package.json'));
const { speedRows } = await import(pathToFileURL(join(benchmarks, 'src', 'speed', 'rows.ts')).href);
await useBackend(engine);
const rows = new Map(Object.values<SpeedRow[]>(speedRows).flatMap((rows) => rows.map((row) => [row.name, row])));
say({ rows: rows.size });

let prepared: PreparedRow | undefined;
for await (const line of createInterface({ input: process.stdin })) {
  const { prepare, calls } = JSON.parse(line) as { prepare?: string; calls: number };
  try {
    if (prepare === undefined) {
      const start = performance.now();
      for (let i = 0; i < calls; i++) await prepared?.run();
      say({ ms: (performance.now() - start) / calls });
    } else {
      prepared?.dispose();
      prepared = await rows.get(prepare)?.prepare();
      say({ found: prepared !== undefined });
    }
  } catch (error) {
    say({ error: String(error) });
  }
}

/** Selects an engine. Old checkouts have no `@ltml/engines`; there `useBackend` is in `@ltml/tensor/node`. */
async function useBackend(name: string): Promise<void> {
  for (const place of ['@ltml/engines', '@ltml/tensor/node']) {
    try {
      const module = await import(pathToFileURL(resolve(place)).href);
      return await module.useBackend(name);
    } catch (error) {
      if (place !== '@ltml/engines' || (error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw error;
    }
  }
}
