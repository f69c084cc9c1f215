// Keeps what the page has fetched once, so that it works without a network. What is fetched with one counts first.
const cacheName = 'tagger';

self.addEventListener('install', () => self.skipWaiting());

self.addEventListener('activate', (event) => event.waitUntil(takeOver()));

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const isOwn = new URL(request.url).origin === self.location.origin;
  if (isOwn && request.method === 'GET') event.respondWith(fetchOrRecall(request));
});

/** The page was loaded before this worker was there: fetches all that it used once more, mostly from the browser's cache. */
async function takeOver() {
  await self.clients.claim();
  const cache = await caches.open(cacheName);
  for (const client of await self.clients.matchAll()) {
    await cache.add(client.url);
    client.postMessage('keep');
  }
}

self.addEventListener('message', (event) => event.waitUntil(keep(event.data)));

/** @param urls of what the page has used so far */
async function keep(urls) {
  const cache = await caches.open(cacheName);
  await Promise.all(urls.map((url) => cache.add(url).catch(() => undefined)));
}

async function fetchOrRecall(request) {
  const cache = await caches.open(cacheName);
  try {
    const response = await fetch(request);
    if (response.ok) await cache.put(request, response.clone());
    return response;
  } catch (error) {
    const kept = await cache.match(request, { ignoreVary: true });
    if (kept) return kept;
    throw error;
  }
}
