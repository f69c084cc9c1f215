export { directoryLines } from './directory-lines.ts';
export { missingFiles } from './missing-files.ts';
export { poolInputs } from './pool-inputs.ts';
export { type CellMeaning, defaultValues } from './sets/cell-meaning.ts';
export { type CocoJsonOptions, readCocoJson } from './sets/coco-json.ts';
export type { FileList, ListedPicture } from './sets/file-list.ts';
export { type FolderOptions, readFolder } from './sets/folder.ts';
export { type NameOrder, nameOrders } from './sets/name-order.ts';
export { readTable, type TableOptions } from './sets/table.ts';
