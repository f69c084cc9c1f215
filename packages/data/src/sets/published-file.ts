/** A published file with its checksum, by which an incomplete or broken copy is recognised. */
export interface PublishedFile {
  readonly name: string;
  /** Size in bytes, if it is published. */
  readonly size?: number;
  readonly algorithm: 'sha256' | 'md5';
  /** The checksum in hexadecimal digits. */
  readonly digest: string;
  /** The page that publishes the checksum. */
  readonly source: string;
}

const checksums = 'https://github.com/tensorflow/datasets/blob/master/tensorflow_datasets/url_checksums';

/** Files whose size and SHA-256 are published by TensorFlow Datasets. */
export function tfdsFiles(
  list: string,
  files: Readonly<Record<string, readonly [size: number, digest: string]>>,
): readonly PublishedFile[] {
  const source = `${checksums}/${list}.txt`;
  return Object.entries(files).map(([name, [size, digest]]) => ({ name, size, algorithm: 'sha256', digest, source }));
}

/** Files whose MD5 is published on a page. */
export function md5Files(source: string, files: Readonly<Record<string, string>>): readonly PublishedFile[] {
  return Object.entries(files).map(([name, digest]) => ({ name, algorithm: 'md5', digest, source }));
}

/** The page of torchvision's reader for a data set. */
export function torchvision(module: string): string {
  return `https://github.com/pytorch/vision/blob/main/torchvision/datasets/${module}.py`;
}
