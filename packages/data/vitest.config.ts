import { tests } from '../../vitest.base.ts';

export default tests('data', { once: ['!(spare-memory)', '*/**/*'] });
