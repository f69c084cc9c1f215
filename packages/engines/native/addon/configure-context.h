// Forced into the sources of tfjs-node's addon, which makes TensorFlow's context with default options: the variable
// LTML_TF_CONFIG brings settings, a serialised ConfigProto in hexadecimal digits.
#pragma once

#include <cstdlib>
#include <string>

#include "tensorflow/c/c_api.h"
#include "tensorflow/c/eager/c_api.h"

inline TFE_Context* NewContextAsConfigured(TFE_ContextOptions* options, TF_Status* status) {
  if (const char* digits = std::getenv("LTML_TF_CONFIG")) {
    std::string config;
    for (; digits[0] && digits[1]; digits += 2) {
      const char byte[] = {digits[0], digits[1], 0};
      config.push_back(static_cast<char>(std::strtol(byte, nullptr, 16)));
    }
    TFE_ContextOptionsSetConfig(options, config.data(), config.size(), status);
    if (TF_GetCode(status) != TF_OK) return nullptr;
  }
  return TFE_NewContext(options, status);
}

#define TFE_NewContext NewContextAsConfigured
