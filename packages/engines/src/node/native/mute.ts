import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/**
 * C++ source of a small addon that can silence the process's standard error.
 *
 * TensorFlow's libraries print two lines about oneDNN while they are loaded, before any setting can prevent it.
 */
export const muteSource = `#include <fcntl.h>
#include <node_api.h>
#include <unistd.h>

static int saved = -1;

static napi_value Mute(napi_env, napi_callback_info) {
  const int nowhere = open("/dev/null", O_WRONLY);
  saved = dup(2);
  if (saved >= 0 && nowhere >= 0) dup2(nowhere, 2);
  if (nowhere >= 0) close(nowhere);
  return nullptr;
}

static napi_value Unmute(napi_env, napi_callback_info) {
  if (saved >= 0) {
    dup2(saved, 2);
    close(saved);
  }
  saved = -1;
  return nullptr;
}

NAPI_MODULE_INIT() {
  napi_value mute, unmute;
  napi_create_function(env, "mute", NAPI_AUTO_LENGTH, Mute, nullptr, &mute);
  napi_create_function(env, "unmute", NAPI_AUTO_LENGTH, Unmute, nullptr, &unmute);
  napi_set_named_property(env, exports, "mute", mute);
  napi_set_named_property(env, exports, "unmute", unmute);
  return exports;
}
`;

interface MuteAddon {
  mute(): void;
  unmute(): void;
}

/** Path of the compiled {@link muteSource}, beside tfjs-node's addon. */
export function mutePath(addon: string): string {
  return join(dirname(addon), 'mute.node');
}

/** Calls `load` with standard error silenced, unless `TF_CPP_MIN_LOG_LEVEL=0` asks for all messages. */
export function loadQuietly(addon: string, load: () => void): void {
  const path = mutePath(addon);
  // The official build of tfjs-node has no such addon.
  const quiet = process.env.TF_CPP_MIN_LOG_LEVEL !== '0' && existsSync(path);
  const stream = quiet ? (createRequire(import.meta.url)(path) as MuteAddon) : undefined;
  stream?.mute();
  try {
    load();
  } finally {
    stream?.unmute();
  }
}
