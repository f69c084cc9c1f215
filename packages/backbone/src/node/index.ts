export { type CachedEmbedClassesOptions, embedClassesCached } from './cached-embeddings.ts';
export { type HubReference, hubFile } from './hub-file.ts';
export { loadResnetTiny } from './resnet-tiny.ts';
export { loadTinyClip } from './tiny-clip.ts';
export { tinyClipTokenizerFile } from './tiny-clip-tokenizer.ts';
export { loadTokenizer, readTokenizerFile } from './tokenizer.ts';
export { openWeights, type WeightFile, withWeights } from './weight-file.ts';
export { embedByWordVectorFile } from './word-vectors.ts';
