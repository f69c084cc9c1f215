export { Classifier, type ClassifierParts } from './classifier.ts';
export { type ClassifierConfig, classifierConfigSchema, classifierPresets, type NeckConfig } from './config.ts';
export { classifier } from './method.ts';
export { PfcNeck, type PfcNeckOptions } from './pfc-neck.ts';
