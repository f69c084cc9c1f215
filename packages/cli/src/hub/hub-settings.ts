/** Settings of the hub from the environment. The variables are those of Hugging Face's own programs. */
export interface HubSettings {
  /** `HF_ENDPOINT`; default `https://huggingface.co`. */
  readonly endpoint: string;
  /** `HF_TOKEN`, for private and gated models. */
  readonly token: string | undefined;
  /** `HF_HUB_OFFLINE`: use only the cache. */
  readonly offline: boolean;
}

/** Reads the settings from environment variables. */
export function hubSettings(environment: NodeJS.ProcessEnv = process.env): HubSettings {
  const { HF_ENDPOINT, HF_TOKEN, HF_HUB_OFFLINE = '' } = environment;
  return {
    endpoint: (HF_ENDPOINT?.trim() || 'https://huggingface.co').replace(/\/+$/, ''),
    token: HF_TOKEN?.trim() || undefined,
    offline: /^(1|on|yes|true)$/i.test(HF_HUB_OFFLINE.trim()),
  };
}
