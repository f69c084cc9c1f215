import type { Dataset } from '@ltml/data';

/** A data set of feature maps [H, W, D], averaged over 2 × 2 places: [H / 2, W / 2, D]. H and W are even. */
export function halved(dataset: Dataset): Dataset {
  const { inputs } = dataset;
  const [H, W, D] = inputs.shape;
  const shape = [H / 2, W / 2, D];
  return {
    ...dataset,
    inputs: {
      length: inputs.length,
      shape,
      async read(indices, random) {
        const maps = await inputs.read(indices, random);
        const halves = new Float32Array(maps.length / 4);
        for (let i = 0; i < maps.length; i++) {
          const d = i % D;
          const w = Math.floor(i / D) % W;
          const h = Math.floor(i / (D * W)) % H;
          const image = Math.floor(i / (D * W * H));
          halves[((image * shape[0] + (h >> 1)) * shape[1] + (w >> 1)) * D + d] += maps[i] / 4;
        }
        return halves;
      },
    },
  };
}
