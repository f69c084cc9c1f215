import { NotSupportedError } from '@ltml/tensor';
import { expect, it } from 'vitest';
import { findLibrary } from '../src/library.ts';

it('says what to install where there is no MPI, and which file was not one', async () => {
  const search = findLibrary('/no/libmpi.so');
  await expect(search).rejects.toThrow(NotSupportedError);
  await expect(search).rejects.toThrow(/Open MPI or MPICH.*\/no\/libmpi\.so.*apt-get install openmpi-bin/s);
});
