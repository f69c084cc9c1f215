import { library } from '../../tsup.base.ts';

// The benchmarks are no package of their own: what the command runs of them is built into it, with the charts' library.
export default library(['src/bin.ts', 'src/index.ts'], {
  platform: 'node',
  // Maps of the charts' library would be most of the package.
  sourcemap: false,
  noExternal: ['@ltml/benchmarks', /^echarts/, /^zrender/, 'tslib'],
});
