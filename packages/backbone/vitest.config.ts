import { tests } from '../../vitest.base.ts';

export default tests('backbone', {
  once: ['text/*(clean-text|clip-tokenizer|linear-time|repair-text|word-vectors)', 'node/*'],
});
