import { tests } from '../../vitest.base.ts';

export default tests('engines', {
  isolate: true,
  once: ['node/(backend|in-child)', 'node/native/(install|kernel-sources|nvidia-driver|wheel)', 'node/wasm/*'],
});
