import { classifier } from '@ltml/classifier';
import { cprfl } from '@ltml/cprfl';
import { dscl } from '@ltml/dscl';
import { mkt } from '@ltml/mkt';
import { sarb } from '@ltml/sarb';
import type { Method } from '@ltml/tensor/contract';
import { piaa } from '@ltml/training-free';

/** Methods that a recipe can name, by that name. What each needs it says itself. */
export const methods: Readonly<Record<string, Method>> = { classifier, sarb, cprfl, mkt, dscl, piaa };
