import { tests } from '../../vitest.base.ts';

export default tests('metrics', { once: ['**/*'] });
