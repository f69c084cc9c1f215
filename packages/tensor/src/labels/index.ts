export { checkBits } from './check-bits.ts';
export { checkIndices } from './check-indices.ts';
export { type ClassStatistics, type ClassStatisticsOptions, classStatistics } from './class-statistics.ts';
export { type FrequencyGroups, type FrequencyGroupsOptions, frequencyGroups } from './frequency-groups.ts';
export { checkLabels, type Labels } from './labels.ts';
export { placeOf } from './place-of.ts';
export { type LabelRow, labelRows, type SparseLabels, sparseOf } from './sparse-labels.ts';
