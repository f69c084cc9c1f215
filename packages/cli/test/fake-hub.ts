import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface FakeHub {
  readonly endpoint: string;
  /** `GET /path range=bytes=…` for each request so far. */
  readonly requests: string[];
  /** What the next requests for content do instead of answering well, in this order. */
  readonly mishaps: ('cut' | 'wrong' | 'ignore range' | 'forbid')[];
  close(): Promise<void>;
}

export const commit = 'c0ffee'.padEnd(40, '0');

/** As much of the hub's API as a pull needs, on 127.0.0.1: one model of one commit, whose large files are kept by LFS. */
export async function startFakeHub(
  repository: string,
  files: Readonly<Record<string, Buffer>>,
  token?: string,
): Promise<FakeHub> {
  const requests: string[] = [];
  const mishaps: FakeHub['mishaps'] = [];
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    requests.push(`${request.method} ${pathname}${request.headers.range ? ` ${request.headers.range}` : ''}`);
    const content = files[pathname.replace(`/${repository}/resolve/${commit}/`, '')];
    if (token && request.headers.authorization !== `Bearer ${token}`) answer(response, 401, { error: 'who?' });
    else if (pathname.startsWith(`/api/models/${repository}/revision/`)) {
      const siblings = Object.keys(files).map((rfilename) => ({ rfilename }));
      answer(response, 200, { _id: '1', id: repository, sha: commit, siblings });
    } else if (pathname === `/api/models/${repository}/paths-info/${commit}`) {
      const { paths } = JSON.parse(await text(request)) as { paths: string[] };
      const known = paths.filter((path) => Object.hasOwn(files, path));
      const infos = known.map((path) => describe(path, files[path]));
      answer(response, 200, infos);
    } else if (content) sendContent(request, response, content, mishaps.shift());
    else answer(response, 404, { error: 'Repository not found' });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { endpoint: `http://127.0.0.1:${port}`, requests, mishaps, close: () => close(server) };
}

function describe(path: string, content: Buffer): object {
  const git = createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex');
  const file = { type: 'file', path, size: content.length, oid: git };
  if (!path.endsWith('.safetensors')) return file;
  const oid = createHash('sha256').update(content).digest('hex');
  return { ...file, oid: 'f'.repeat(40), lfs: { oid, size: content.length, pointerSize: 134 } };
}

function sendContent(
  request: IncomingMessage,
  response: ServerResponse,
  content: Buffer,
  mishap: FakeHub['mishaps'][number] | undefined,
): void {
  if (mishap === 'forbid') {
    answer(response, 403, { error: 'gated' });
    return;
  }
  const range = mishap === 'ignore range' ? undefined : /^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1];
  const from = Number(range ?? 0);
  const body = mishap === 'wrong' ? Buffer.alloc(content.length - from) : content.subarray(from);
  response.writeHead(range === undefined ? 200 : 206, {
    'content-length': body.length,
    ...(range !== undefined && { 'content-range': `bytes ${from}-${content.length - 1}/${content.length}` }),
  });
  if (mishap !== 'cut') {
    response.end(body);
    return;
  }
  response.write(body.subarray(0, Math.ceil(body.length / 2)), () => setTimeout(() => response.destroy(), 200));
}

function answer(response: ServerResponse, status: number, json: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(json));
}

async function text(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

function close(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
