/** Keeps the page and its models on this device, so that it works without a network from then on. */
export async function keepForOffline(): Promise<void> {
  if (!('serviceWorker' in navigator)) return;
  navigator.serviceWorker.addEventListener('message', ({ source }) => {
    const used = performance.getEntriesByType('resource').map(({ name }) => name);
    source?.postMessage(used.filter((url) => url.startsWith(location.origin)));
  });
  navigator.serviceWorker.startMessages();
  // Without encryption a browser has no such worker.
  await navigator.serviceWorker.register('./service-worker.js').catch(() => {});
}
