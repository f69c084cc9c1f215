import { library } from '../../tsup.base.ts';

const entries = { bin: 'src/bin.ts', index: 'src/index.ts', 'run-process': 'src/run/jobs/run-process.ts' };

// The benchmarks are not published: `src/benchmarks.ts` says so where they are not there.
export default library(entries, { platform: 'node', external: [/^@ltml\/benchmarks/] });
