import { tests } from '../../vitest.base.ts';

export default tests('cli', { once: ['!(doctor|export|native|trained-model)'] });
