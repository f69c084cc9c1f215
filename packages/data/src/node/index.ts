export { type CheckPicturesOptions, checkPictures } from './check/check-pictures.ts';
export { type DuplicateGroups, equalGroups, nearGroups } from './check/duplicates.ts';
export {
  type CheckedPicture,
  type Finding,
  labelFindings,
  pictureFindings,
  picturesOfDataSet,
} from './check/findings.ts';
export { differenceHash, type PictureFacts, pictureFacts } from './check/picture-facts.ts';
export { readHdf5 } from './import/hdf5.ts';
export { readNpy, readNpz } from './import/npy.ts';
export type { NumpyArray } from './import/numpy-array.ts';
export { readPickle } from './import/pickle.ts';
export {
  arePictureFiles,
  namesOf,
  type PictureFile,
  type PictureFiles,
  type PictureNames,
  pictureFiles,
} from './picture-files.ts';
export { picturesFingerprint } from './pictures-fingerprint.ts';
export { type PoolFiles, poolInputs } from './pool-inputs.ts';
export { poolViews } from './pool-views.ts';
export { type CellMeaning, defaultValues } from './sets/cell-meaning.ts';
export { type CheckPublishedFilesOptions, checkPublishedFiles } from './sets/check-published-files.ts';
export { checkPublishedSet, type PublishedSetCheck } from './sets/check-published-set.ts';
export { type CocoJsonOptions, readCocoJson } from './sets/coco-json.ts';
export { type FileDataSetOptions, fileDataSet, usualRole } from './sets/file-data-set.ts';
export type { FileList, ListedPicture } from './sets/file-list.ts';
export { type FolderOptions, foldersIn, readFolder } from './sets/folder.ts';
export { type NameOrder, nameOrders } from './sets/name-order.ts';
export { type PublishedDataSetOptions, publishedDataSet } from './sets/published-data-set.ts';
export { type ReadPublishedSetOptions, readPublishedSet } from './sets/read-published-set.ts';
export type { ReadSet, ReadSplit } from './sets/set-reader.ts';
export { type SharedImages, sharedImages } from './sets/shared-images.ts';
export { readTable, type TableOptions, tableSplits } from './sets/table.ts';
