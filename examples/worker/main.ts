// The page stays responsive while a worker trains.
const worker = new Worker(new URL('worker.ts', import.meta.url), { type: 'module' });
worker.onmessage = ({ data }: MessageEvent<number[]>) => {
  const [first, last] = [data[0], data[data.length - 1]].map((loss) => loss.toFixed(3));
  (document.getElementById('status') as HTMLElement).textContent = `Done: the loss fell from ${first} to ${last}.`;
};
worker.onerror = ({ message }) => {
  (document.getElementById('status') as HTMLElement).textContent = `It failed: ${message}`;
};
worker.postMessage({ steps: 40 });
