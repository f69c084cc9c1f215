import { readFileSync } from 'node:fs';
import { encoderByName, type ZooEncoder } from '../../src/index.ts';

/** A network of the zoo at a hundredth of its size, see `make-zoo-networks.py`. */
export interface SmallEncoder {
  readonly encoder: ZooEncoder;
  readonly imageSize: readonly [height: number, width: number];
}

interface Stored {
  readonly encoder: string;
  readonly sizes: object;
  readonly textSizes?: object;
  readonly input: readonly number[];
}

const fixture = new URL('../fixtures/zoo/zoo_networks_tiny.json', import.meta.url);
const { models } = JSON.parse(readFileSync(fixture, 'utf8')) as { models: Readonly<Record<string, Stored>> };

/** Of each encoder whose weights come from elsewhere, by its name. */
export const smallEncoders: ReadonlyMap<string, SmallEncoder> = new Map(
  Object.entries(models).flatMap(([name, { encoder, sizes, textSizes, input }]) =>
    name === encoder
      ? [[name, { encoder: small(encoderByName(name).encoder, sizes, textSizes), imageSize: [input[2], input[3]] }]]
      : [],
  ),
);

function small(encoder: ZooEncoder, sizes: object, textSizes: object = {}): ZooEncoder {
  const { network, text } = encoder;
  const own = 'shape' in network ? 'shape' : 'config';
  const given = (network as unknown as Readonly<Record<string, object>>)[own];
  const resized = { ...network, [own]: { ...given, ...sizes } } as ZooEncoder['network'];
  return { ...encoder, network: resized, ...(text && { text: { ...text, ...textSizes } }) };
}
