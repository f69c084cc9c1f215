// TensorFlow.js core's own tests on our engines, without our kernels and with them; fails where one passes without alone:
//   node --import tsx packages/engines/scripts/core-tests/run.ts [engine …] [--only PATTERN]
// Four minutes an engine.
import { parseArgs } from 'node:util';
import { compareCoreTests } from './compare.ts';

const { positionals, values } = parseArgs({ allowPositionals: true, options: { only: { type: 'string' } } });
for (const engine of positionals.length > 0 ? positionals : ['wasm', 'tensorflow']) {
  const { without, with: after, broken, mended } = await compareCoreTests(engine, values.only ?? '');
  const tell = ({ passed, failed }: typeof without): string => `${passed} passed, ${failed} failed`;
  console.log(`${engine}: ${tell(without)} without our kernels, ${tell(after)} with them`);
  for (const name of mended) console.log(`  mended: ${name}`);
  for (const name of broken) console.log(`  broken: ${name}`);
  if (broken.length > 0) process.exitCode = 1;
}
