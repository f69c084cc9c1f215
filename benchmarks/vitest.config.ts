import { tests } from '../vitest.base.ts';

export default tests('benchmarks', { once: ['!(cprfl-fit|mkt-fit|parity|speed)'] });
