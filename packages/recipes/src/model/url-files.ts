import { readSafetensors } from '@ltml/tensor';
import { UsageError } from '../usage-error.ts';
import { broken } from './broken.ts';
import type { ModelFiles } from './model-files.ts';

/**
 * Reads the files of a bundle below a URL with `fetch`.
 *
 * @param url of the folder, or of the `model.json` in it
 */
export function urlFiles(url: URL): ModelFiles {
  const { pathname } = url;
  const isFolder = !pathname.endsWith('/model.json') && !pathname.endsWith('/');
  // Relative URLs need the folder's trailing slash.
  const base = isFolder ? new URL(`${pathname}/${url.search}`, url) : url;
  const place = (name: string): string => new URL(name, base).href;
  const get = async (name: string): Promise<Response> => {
    const response = await fetch(place(name)).catch((cause: Error) => {
      throw new UsageError(`${place(name)} cannot be fetched: ${cause.message}`);
    });
    if (!response.ok) throw new UsageError(`no model at ${place(name)}: ${response.status} ${response.statusText}`);
    return response;
  };
  return {
    place,
    text: async (name) => (await get(name)).text(),
    async tensors(name, sha256) {
      const bytes = new Uint8Array(await (await get(name)).arrayBuffer());
      const hash = await sha256Of(bytes);
      if (hash !== undefined && hash !== sha256) throw broken(place(name), `intact, with SHA-256 ${sha256}`, hash);
      return readSafetensors(bytes).tensors;
    },
  };
}

/** SHA-256 of bytes; undefined on pages without HTTPS, where browsers have no `crypto.subtle`. */
async function sha256Of(bytes: Uint8Array<ArrayBuffer>): Promise<string | undefined> {
  const digest = await globalThis.crypto?.subtle?.digest('SHA-256', bytes);
  return digest && Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
