import { library } from '../../tsup.base.ts';

export default library(['src/index.ts', 'src/usage-error.ts'], { platform: 'node' });
