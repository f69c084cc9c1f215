// Runs an op of TensorFlow at once, for a fraction of what tfjs-node's `executeOp` costs: an op and its attributes are told
// apart by a number that `prepareOp` gives once, tensors by their numbers, and all numbers lie in memory that both sides see.
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "tensorflow/c/c_api.h"
#include "tensorflow/c/eager/c_api.h"
#include "utils.h"

// The table of tensors is private there.
#define private public
#include "tfjs_backend.h"
#undef private

namespace {

using tfnodejs::NapiThrowError;
using tfnodejs::TFJSBackend;

struct PreparedOp {
  std::string name;
  std::vector<std::function<void(TFE_Op*)>> attributes;
};

// There is one backend in a process, and one thread that calls it.
std::vector<std::unique_ptr<PreparedOp>> prepared;
int32_t* words = nullptr;
size_t word_count = 0;
TF_Status* status = nullptr;

bool fail(napi_env env) {
  // As tfjs-node words it.
  NAPI_THROW_ERROR(env, "Invalid TF_Status: %u\nMessage: %s", TF_GetCode(status), TF_Message(status));
  return false;
}

napi_value property(napi_env env, napi_value object, const char* name) {
  napi_value value = nullptr;
  napi_get_named_property(env, object, name, &value);
  return value;
}

std::string text(napi_env env, napi_value value) {
  size_t length = 0;
  if (napi_get_value_string_utf8(env, value, nullptr, 0, &length) != napi_ok) return "";
  std::string result(length, '\0');
  napi_get_value_string_utf8(env, value, &result[0], length + 1, &length);
  return result;
}

// The numbers of an array, or the one number.
std::vector<double> numbers(napi_env env, napi_value value, bool* is_list) {
  *is_list = false;
  napi_is_array(env, value, is_list);
  uint32_t length = 1;
  if (*is_list) napi_get_array_length(env, value, &length);
  std::vector<double> result(length);
  for (uint32_t i = 0; i < length; i++) {
    napi_value element = value;
    if (*is_list) napi_get_element(env, value, i, &element);
    bool flag = false;
    if (napi_get_value_double(env, element, &result[i]) != napi_ok) {
      napi_get_value_bool(env, element, &flag);
      result[i] = flag;
    }
  }
  return result;
}

template <typename T>
std::vector<T> as(const std::vector<double>& values) {
  return std::vector<T>(values.begin(), values.end());
}

std::function<void(TFE_Op*)> read_attribute(napi_env env, napi_value attribute) {
  const std::string name = text(env, property(env, attribute, "name"));
  const napi_value value = property(env, attribute, "value");
  int32_t type = 0;
  napi_get_value_int32(env, property(env, attribute, "type"), &type);
  if (type == TF_ATTR_STRING) {
    const std::string given = text(env, value);
    return [=](TFE_Op* op) { TFE_OpSetAttrString(op, name.c_str(), given.data(), given.size()); };
  }
  bool is_list;
  const std::vector<double> given = numbers(env, value, &is_list);
  switch (type) {
    case TF_ATTR_INT: {
      const auto values = as<int64_t>(given);
      if (is_list) return [=](TFE_Op* op) { TFE_OpSetAttrIntList(op, name.c_str(), values.data(), values.size()); };
      return [=](TFE_Op* op) { TFE_OpSetAttrInt(op, name.c_str(), values[0]); };
    }
    case TF_ATTR_FLOAT: {
      const auto values = as<float>(given);
      if (is_list) return [=](TFE_Op* op) { TFE_OpSetAttrFloatList(op, name.c_str(), values.data(), values.size()); };
      return [=](TFE_Op* op) { TFE_OpSetAttrFloat(op, name.c_str(), values[0]); };
    }
    case TF_ATTR_BOOL: {
      const auto values = as<unsigned char>(given);
      if (is_list) return [=](TFE_Op* op) { TFE_OpSetAttrBoolList(op, name.c_str(), values.data(), values.size()); };
      return [=](TFE_Op* op) { TFE_OpSetAttrBool(op, name.c_str(), values[0]); };
    }
    case TF_ATTR_TYPE: {
      const auto value = static_cast<TF_DataType>(static_cast<int>(given[0]));
      return [=](TFE_Op* op) { TFE_OpSetAttrType(op, name.c_str(), value); };
    }
    case TF_ATTR_SHAPE: {
      const auto values = as<int64_t>(given);
      return [=](TFE_Op* op) {
        TFE_OpSetAttrShape(op, name.c_str(), values.data(), static_cast<int>(values.size()), status);
      };
    }
    default:
      NAPI_THROW_ERROR(env, "Unhandled TF_AttrType: %d", type);
      return [](TFE_Op*) {};
  }
}

// prepareOp(name, attributes): the number of the op with these attributes.
napi_value prepare_op(napi_env env, napi_callback_info info) {
  size_t argc = 2;
  napi_value args[2];
  napi_get_cb_info(env, info, &argc, args, nullptr, nullptr);
  auto made = std::make_unique<PreparedOp>();
  made->name = text(env, args[0]);
  uint32_t length = 0;
  napi_get_array_length(env, args[1], &length);
  for (uint32_t i = 0; i < length; i++) {
    napi_value attribute;
    napi_get_element(env, args[1], i, &attribute);
    made->attributes.push_back(read_attribute(env, attribute));
  }
  prepared.push_back(std::move(made));
  napi_value number;
  napi_create_int32(env, static_cast<int32_t>(prepared.size() - 1), &number);
  return number;
}

// shareWords(words): the memory for the numbers of `execute`, an Int32Array.
napi_value share_words(napi_env env, napi_callback_info info) {
  size_t argc = 1;
  napi_value array;
  napi_get_cb_info(env, info, &argc, &array, nullptr, nullptr);
  void* data;
  if (napi_get_typedarray_info(env, array, nullptr, &word_count, &data, nullptr, nullptr) == napi_ok) {
    napi_ref kept;
    napi_create_reference(env, array, 1, &kept);
    words = static_cast<int32_t*>(data);
  }
  return nullptr;
}

// One op at a time; it lets go of its inputs when it goes.
struct OpInUse {
  explicit OpInUse(TFE_Op* op) : op(op) {}
  ~OpInUse() {
    if (op) TFE_DeleteOp(op);
  }
  OpInUse(const OpInUse&) = delete;
  OpInUse& operator=(const OpInUse&) = delete;
  TFE_Op* const op;
};

bool set_up(const PreparedOp& prepared, TFJSBackend* backend, TFE_Op* op, const int32_t* inputs, int count,
            napi_env env) {
  if (TF_GetCode(status) != TF_OK) return fail(env);
  for (int i = 0; i < count; i++) {
    const auto found = backend->tfe_handle_map_.find(inputs[i]);
    if (found == backend->tfe_handle_map_.end()) {
      NAPI_THROW_ERROR(env, "Input Tensor ID not referenced (tensor_id: %d)", inputs[i]);
      return false;
    }
    TFE_OpAddInput(op, found->second, status);
    if (TF_GetCode(status) != TF_OK) return fail(env);
  }
  for (const auto& set : prepared.attributes) set(op);
  return TF_GetCode(status) == TF_OK || fail(env);
}

// execute(): reads from the words op, number of outputs, number of inputs and the inputs; writes for each output its number,
// type, rank and shape.
napi_value execute(napi_env env, napi_callback_info) {
  constexpr int kMostOutputs = 64;
  TFJSBackend* backend = nullptr;
  napi_get_instance_data(env, reinterpret_cast<void**>(&backend));
  int outputs = words[1];
  TFE_TensorHandle* results[kMostOutputs] = {};
  const PreparedOp& called = *prepared[words[0]];
  if (!status) status = TF_NewStatus();
  const OpInUse used(TFE_NewOp(backend->tfe_context_, called.name.c_str(), status));
  if (!set_up(called, backend, used.op, words + 3, words[2], env)) return nullptr;
  TFE_Execute(used.op, results, &outputs, status);
  if (TF_GetCode(status) != TF_OK) {
    fail(env);
    return nullptr;
  }
  int32_t* to = words;
  for (int i = 0; i < outputs; i++) {
    *to++ = backend->InsertHandle(results[i]);
    *to++ = TFE_TensorHandleDataType(results[i]);
    const int rank = TFE_TensorHandleNumDims(results[i], status);
    *to++ = rank;
    for (int axis = 0; axis < rank; axis++) *to++ = static_cast<int32_t>(TFE_TensorHandleDim(results[i], axis, status));
  }
  return nullptr;
}

}  // namespace

napi_value AddExecute(napi_env env, napi_value exports) {
  const auto add = [&](const char* name, napi_callback function) {
    napi_value value;
    napi_create_function(env, name, NAPI_AUTO_LENGTH, function, nullptr, &value);
    napi_set_named_property(env, exports, name, value);
  };
  if (!exports) return exports;
  add("prepareOp", prepare_op);
  add("shareWords", share_words);
  add("execute", execute);
  add("takeTensor", TakeTensor);
  add("lendMemory", LendMemory);
  add("returnMemory", ReturnMemory);
  return exports;
}
