import { library } from '../../tsup.base.ts';

// The benchmarks are not published: `src/benchmarks.ts` says so where they are not there.
export default library(['src/bin.ts', 'src/index.ts'], { platform: 'node', external: [/^@ltml\/benchmarks/] });
