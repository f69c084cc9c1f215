// Forced into the sources of tfjs-node's addon: adds the functions of this folder to what it exports.
#pragma once

#include <node_api.h>

napi_value AddExecute(napi_env env, napi_value exports);
napi_value TakeTensor(napi_env env, napi_callback_info info);
napi_value LendMemory(napi_env env, napi_callback_info info);
napi_value ReturnMemory(napi_env env, napi_callback_info info);

#undef NAPI_MODULE
#define NAPI_MODULE(name, init) \
  NAPI_MODULE_INIT() { return ::AddExecute(env, init(env, exports)); }
