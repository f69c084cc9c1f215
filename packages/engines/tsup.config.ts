import { library } from '../../tsup.base.ts';

export default library(['src/backend.ts', 'src/node/backend.ts', 'src/node/index.ts', 'src/node/export/index.ts']);
