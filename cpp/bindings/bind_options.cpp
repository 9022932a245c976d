// What Python asks of options before there is a decoder.
#include "decoder/kind.hpp"
#include "settings/choices.hpp"
#include "settings/lister.hpp"

#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

namespace py = pybind11;
using namespace centerdecode;

namespace {

// (key, kind, whether it may be none, default) of every option.
py::list option_keys() {
    py::list keys;
    for (const OptionKey& one : list_options())
        keys.append(py::make_tuple(one.key, one.kind, one.may_be_none, one.value));
    return keys;
}

void check_options(const std::vector<std::pair<std::string, std::string>>& options) {
    Entries entries(options);
    read_options(entries);
}

// Of each list a decoder of this kind needs one head.
std::vector<std::vector<std::string>> needed_heads(const std::string& decoder) {
    return kind_of(choice_of<DecoderKind>(decoder)).needed;
}

}  // namespace

void bind_options(py::module_& m) {
    m.def("option_keys", &option_keys);
    m.def("check_options", &check_options);
    m.def("needed_heads", &needed_heads);
}
