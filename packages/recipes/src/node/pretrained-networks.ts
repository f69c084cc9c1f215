import { loadResnetTiny, loadTinyClip } from '@ltml/backbone/node';
import type { EncoderNetworks } from '../parts/encoders.ts';
import { loadEncoderOfRun } from './encoder-of-run.ts';

/** With the weights that `@ltml/backbone` carries, or that a run has trained. */
export const pretrainedNetworks: EncoderNetworks = {
  async resnetTiny(weights) {
    const network = await loadResnetTiny();
    if (weights !== undefined) await loadEncoderOfRun(network, weights);
    return network;
  },
  async tinyClip() {
    const { clip } = await loadTinyClip();
    clip.text.dispose();
    clip.logit_scale.dispose();
    return clip.visual;
  },
};
