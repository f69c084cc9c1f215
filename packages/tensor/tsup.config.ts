import { library } from '../../tsup.base.ts';

export default library([
  'src/index.ts',
  'src/backend.ts',
  'src/contract.ts',
  'src/labels.ts',
  'src/node/backend.ts',
  'src/node/index.ts',
  'src/testing.ts',
]);
