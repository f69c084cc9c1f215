import { defineConfig } from 'vite';

// Relative addresses: the page works in any folder of any host.
export default defineConfig({ base: './' });
