// A rank of a test: trains cases together with others, and writes what came of them.
import { writeFileSync } from 'node:fs';
import { useBackend } from '../../engines/src/node/backend.ts';
import { pipes } from '../../train/test/ranks/pipes.ts';
import { type RanksResult, ranksCases, trainCase } from './ranks-cases.ts';

const [folder, rank, size, out, ...names] = process.argv.slice(2);
await useBackend((process.env.LTML_BACKEND ?? 'wasm') as Parameters<typeof useBackend>[0]);
const communicator = pipes(folder, Number(rank), Number(size));
const results: Record<string, RanksResult> = {};
for (const name of names) {
  const [method, how] = name.split(' ');
  results[name] = await trainCase(ranksCases[method], { eager: how === 'eager', communicator });
}
writeFileSync(out, JSON.stringify(results));
