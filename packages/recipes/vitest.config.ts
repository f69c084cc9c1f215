import { tests } from '../../vitest.base.ts';

export default tests('recipes', {
  once: [
    '!(clip|encoder-after-run|encoder-of-run|encoders|freezing|little-memory|load-model|loss-state|mixed-precision|ranks|run|score-test|store-bundle)',
  ],
});
