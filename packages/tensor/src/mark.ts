import { version } from '../package.json';
import { NotSupportedError } from './errors.ts';

/** What copies of this package recognise in each other's objects. */
export type Kind = 'Module' | 'Parameter' | 'ModuleBuffer' | 'BatchNorm';

interface Mark {
  /** Counts the changes of what another copy may use of such an object: its fields and methods. */
  readonly form: number;
  /** Of the package, for the error. */
  readonly version: string;
  readonly kinds: readonly Kind[];
}

const form = 1;
const key = Symbol.for('@ltml/module');

/** Marks an object as of a kind, besides those that it is of already. For constructors. */
export function mark(value: object, kind: Kind): void {
  const kinds = [...((Reflect.get(value, key) as Mark | undefined)?.kinds ?? []), kind];
  Object.defineProperty(value, key, { value: { form, version, kinds } satisfies Mark, configurable: true });
}

/**
 * Whether an object is of a kind, whichever installed copy of this package made it.
 *
 * @throws NotSupportedError if that copy is one whose objects this copy does not understand
 */
export function isOfKind(value: unknown, kind: Kind): boolean {
  const found = typeof value === 'object' && value !== null ? (Reflect.get(value, key) as Mark | undefined) : undefined;
  if (found === undefined) return false;
  if (found.form === form) return found.kinds.includes(kind);
  throw new NotSupportedError({
    where: 'Module',
    argument: 'a member',
    expected: `made by a version of @ltml/tensor that fits version ${version}`,
    received: `a ${found.kinds.at(-1)} of version ${found.version}`,
    hint: 'Install one version of @ltml/tensor: `npm ls @ltml/tensor` tells who asks for which.',
  });
}
