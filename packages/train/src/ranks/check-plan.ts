import { OptionError } from '@ltml/tensor';
import type { Communicator } from '@ltml/tensor/contract';

/** Checks that all ranks have the same plan. @throws OptionError on a rank whose plan differs from that of rank 0 */
export async function checkPlan(communicator: Communicator, plan: unknown): Promise<void> {
  const own = JSON.stringify(plan);
  const first = new TextDecoder().decode(await communicator.broadcast(new TextEncoder().encode(own)));
  if (own === first) return;
  throw new OptionError({
    where: 'fit',
    argument: `the plan of rank ${communicator.rank}`,
    expected: `that of rank 0, ${first}`,
    received: own,
    hint: 'Start all ranks with the same recipe and data.',
  });
}
