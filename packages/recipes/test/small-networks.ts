import { encoderByName, type ZooEncoder, zoo } from '@ltml/backbone';

const sizes = {
  resnet50: { stem: 4, planes: [2, 2, 4, 4], blocks: [1, 1, 1, 1] },
  vit_base_patch16_224: { width: 16, heads: 2, depth: 2, patchSize: 8 },
};

/** Networks of the zoo at a size for tests, which are in the zoo while a test file runs: `small-` and their name. */
export const smallNetworks: readonly string[] = Object.entries(sizes).map(([name, small]) => {
  const { encoder } = encoderByName(name);
  const part = 'shape' in encoder.network ? 'shape' : 'config';
  const own = (encoder.network as unknown as Record<string, object>)[part];
  const network = { ...encoder.network, [part]: { ...own, ...small } } as ZooEncoder['network'];
  (zoo as ZooEncoder[]).push({ ...encoder, name: `small-${name}`, aliases: [], weights: [], network });
  return `small-${name}`;
});
