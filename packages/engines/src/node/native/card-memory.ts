import { OptionError } from '@ltml/tensor';

/**
 * The largest share of a graphics card's memory that TensorFlow may use, from `LTML_GPU_MEMORY`; undefined means all of
 * it.
 *
 * @throws OptionError unless the variable is a number in (0, 1]
 */
export function cardMemoryShare(): number | undefined {
  const given = process.env.LTML_GPU_MEMORY;
  if (!given) return undefined;
  const share = Number(given);
  if (share > 0 && share <= 1) return share;
  throw new OptionError({
    where: 'useBackend',
    argument: 'LTML_GPU_MEMORY',
    expected: "a share of the card's memory, above 0 and up to 1",
    received: `"${given}"`,
  });
}
