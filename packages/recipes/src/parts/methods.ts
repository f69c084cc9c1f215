import type { Method } from '@ltml/tensor/contract';

/** Methods by their name in recipes. Each is imported when it is first needed, and says itself what it needs. */
export const methods: Readonly<Record<string, () => Promise<Method>>> = {
  classifier: async () => (await import('@ltml/classifier')).classifier,
  sarb: async () => (await import('@ltml/sarb')).sarb,
  'semantic-transfer': async () => (await import('@ltml/sarb')).semanticTransfer,
  cprfl: async () => (await import('@ltml/cprfl')).cprfl,
  mkt: async () => (await import('@ltml/mkt')).mkt,
  dscl: async () => (await import('@ltml/dscl')).dscl,
  'mlc-nc': async () => (await import('@ltml/mlc-nc')).mlcNc,
  piaa: async () => (await import('@ltml/training-free')).piaa,
  sparc: async () => (await import('@ltml/training-free')).sparc,
  tagclip: async () => (await import('@ltml/training-free')).tagclip,
  coop: async () => (await import('@ltml/coop')).coop,
  'vision-only': async () => (await import('@ltml/coop')).visionOnly,
  lmpt: async () => (await import('@ltml/coop')).lmpt,
  lift: async () => (await import('@ltml/lift')).lift,
  'lift-head': async () => (await import('@ltml/lift')).liftHead,
  ram: async () => (await import('@ltml/ram')).ram,
};
