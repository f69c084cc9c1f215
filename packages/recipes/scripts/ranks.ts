// Trains every method with two and three ranks, compiled and op by op, and compares losses and weights after 50 steps with those
// of one rank; the tests do some of it. On the engine that LTML_BACKEND names.
//
//   LTML_BACKEND=tensorflow npx tsx packages/recipes/scripts/ranks.ts
import { canCompile } from '@ltml/tensor';
import { useBackend } from '../../engines/src/node/backend.ts';
import { inRanks } from '../test/in-ranks.ts';
import { ranksCases, trainCase } from '../test/ranks-cases.ts';

/** Of |a − b| / max(1, |b|). */
const tolerance = 1e-5;

await useBackend((process.env.LTML_BACKEND ?? 'wasm') as Parameters<typeof useBackend>[0]);
const ways = canCompile() ? ['compiled', 'eager'] : ['eager'];
const cases = Object.keys(ranksCases).flatMap((method) => ways.map((way) => `${method} ${way}`));
const apart = (a: readonly number[], b: readonly number[]): number =>
  a.length === b.length
    ? a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]) / Math.max(1, Math.abs(b[i]))), 0)
    : Number.POSITIVE_INFINITY;

let [tried, failed] = [0, 0];
for (const name of cases) {
  const [method, way] = name.split(' ');
  const alone = await trainCase(ranksCases[method], { eager: way === 'eager' });
  for (const size of [2, 3]) {
    const ranks = await inRanks(size, [name]);
    const losses = Math.max(...ranks.map((rank) => apart(rank[name].losses, alone.losses)));
    const weights = Math.max(
      ...ranks.flatMap((rank) =>
        Object.entries(alone.weights).map(([weight, values]) => apart(rank[name].weights[weight], values)),
      ),
    );
    const holds = losses <= tolerance && weights <= tolerance;
    tried++;
    if (!holds) failed++;
    const text = `${alone.losses.length} steps, losses within ${losses.toExponential(1)}, weights within ${weights.toExponential(1)}`;
    console.log(`${holds ? 'holds' : 'FAULT'}: ${name}, ${size} ranks: ${text}`);
  }
}
console.log(`${tried} cases, ${failed} faults`);
process.exitCode = failed === 0 ? 0 : 1;
