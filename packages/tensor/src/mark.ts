import { version } from '../package.json';
import { NotSupportedError } from './errors.ts';

/** The kinds of objects that copies of this package recognise in each other. */
export type Kind = 'Module' | 'Parameter' | 'ModuleBuffer' | 'BatchNorm';

interface Mark {
  /** Version of the interface of such objects. It grows when fields or methods that another copy uses change. */
  readonly form: number;
  /** Version of the package, for the error. */
  readonly version: string;
  readonly kinds: readonly Kind[];
}

const form = 1;
const key = Symbol.for('@ltml/module');

/** Marks an object as of a kind, in addition to its other kinds. Constructors call it. */
export function mark(value: object, kind: Kind): void {
  const kinds = [...((Reflect.get(value, key) as Mark | undefined)?.kinds ?? []), kind];
  Object.defineProperty(value, key, { value: { form, version, kinds } satisfies Mark, configurable: true });
}

/**
 * Whether an object is of a kind, whichever installed copy of this package made it.
 *
 * @throws NotSupportedError if this copy cannot use the objects of that copy
 */
export function isOfKind(value: unknown, kind: Kind): boolean {
  const found = typeof value === 'object' && value !== null ? (Reflect.get(value, key) as Mark | undefined) : undefined;
  if (found === undefined) return false;
  if (found.form === form) return found.kinds.includes(kind);
  throw new NotSupportedError({
    where: 'Module',
    argument: 'a member',
    expected: `made by a version of @ltml/tensor compatible with ${version}`,
    received: `a ${found.kinds.at(-1)} of version ${found.version}`,
    hint: 'Install one version of @ltml/tensor: `npm ls @ltml/tensor` shows which package needs which version.',
  });
}
