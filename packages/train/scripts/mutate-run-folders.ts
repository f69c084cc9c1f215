// Changes one thing in a run folder, lets the run go on, and counts how that ended; the tests do the same a few times.
//
//   npx tsx packages/train/scripts/mutate-run-folders.ts [MUTATIONS [SEED]]
import { useBackend } from '@ltml/engines';
import { mutateRunFolders } from '../test/node/mutate-run-folder.ts';

const [mutations = '200', seed = '1'] = process.argv.slice(2);
await useBackend('wasm');
const { equal, refused, faults } = await mutateRunFolders(Number(mutations), Number(seed));
for (const fault of faults) console.log(fault);
console.log(`${mutations} mutations: ${equal} with the same result, ${refused} refused, ${faults.length} faults`);
process.exitCode = faults.length === 0 ? 0 : 1;
