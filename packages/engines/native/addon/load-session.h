// Forced into the sources of tfjs-node's addon, which loads every model with TensorFlow's default session options: a
// model may bring its own, as a serialised ConfigProto in the file `session_config.pb` beside `saved_model.pb`.
#pragma once

#include <fstream>
#include <iterator>
#include <string>

#include "hold-signals.h"
#include "tensorflow/c/c_api.h"

inline TF_Session* LoadSessionAsConfigured(TF_SessionOptions* options, const TF_Buffer* run_options,
                                           const char* directory, const char* const* tags, int tag_count,
                                           TF_Graph* graph, TF_Buffer* meta_graph, TF_Status* status) {
  const HeldSignals held;
  std::ifstream file(std::string(directory) + "/session_config.pb", std::ios::binary);
  const std::string config{std::istreambuf_iterator<char>(file), {}};
  TF_SetConfig(options, config.data(), config.size(), status);
  if (TF_GetCode(status) != TF_OK) return nullptr;
  return TF_LoadSessionFromSavedModel(options, run_options, directory, tags, tag_count, graph, meta_graph, status);
}

#define TF_LoadSessionFromSavedModel LoadSessionAsConfigured
