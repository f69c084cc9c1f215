import { library } from '../../tsup.base.ts';

export default library([
  'src/index.ts',
  'src/config/index.ts',
  'src/contract/index.ts',
  'src/engine.ts',
  'src/labels/index.ts',
  'src/node/index.ts',
  'src/testing.ts',
]);
