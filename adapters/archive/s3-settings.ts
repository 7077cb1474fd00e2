/** How a storage that speaks S3 is reached, and how it is called in texts. */
export interface S3Settings {
  /** undefined: Amazon's own for the region */
  endpoint: string | undefined;
  region: string;
  bucket: string;
  /** without slash at its ends; '' for none */
  prefix: string;
  /** undefined: what the environment of the process offers (instance role, AWS_PROFILE) */
  credentials: { accessKeyId: string; secretAccessKey: string } | undefined;
}

/** `host/bucket/prefix` */
export function storagePlace({ endpoint, region, bucket, prefix }: S3Settings): string {
  return [endpoint === undefined ? `s3.${region}` : new URL(endpoint).host, bucket, prefix].filter((part) => part !== '').join('/');
}
