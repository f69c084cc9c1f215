export { type BackendName, useBackend } from './backend.ts';
