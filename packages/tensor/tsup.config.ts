import { library } from '../../tsup.base.ts';

export default library([
  'src/index.ts',
  'src/config/index.ts',
  'src/contract.ts',
  'src/engine.ts',
  'src/labels.ts',
  'src/node/index.ts',
  'src/testing.ts',
]);
