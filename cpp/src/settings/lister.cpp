// The keys of all decoders, for the checks of callers and the table of the documentation.
#include "settings/lister.hpp"

#include "settings/visit.hpp"

#include <type_traits>

namespace centerdecode {
namespace {

template <class T>
struct KindOf {
    static constexpr const char* name = std::is_enum_v<T>             ? "word"
                                        : std::is_same_v<T, bool>     ? "flag"
                                        : std::is_floating_point_v<T> ? "number"
                                        : std::is_integral_v<T>       ? "count"
                                                                      : "list";
    static constexpr bool may_be_none = false;
};

template <class T>
struct KindOf<std::optional<T>> {
    static constexpr const char* name = KindOf<T>::name;
    static constexpr bool may_be_none = true;
};

class Lister {
public:
    template <class T, class Parse>
    void entry(const std::string& key, const T& field, const Parse& /*parse*/) {
        keys.push_back({key, KindOf<T>::name, KindOf<T>::may_be_none, text_of(field)});
    }

    template <class T>
    bool group(const std::string& /*prefix*/, const std::optional<T>& /*field*/) {
        return true;
    }

    template <class T>
    void names(const std::string& key, const std::vector<T>& /*list*/) {
        keys.push_back({key, "list", false, ""});
    }

    std::vector<OptionKey> keys;
};

}  // namespace

std::vector<OptionKey> list_options() {
    Settings settings;
    settings.peaks.score_threshold = static_cast<double>(0.3F);
    settings.nms.emplace();
    settings.masks.emplace();
    settings.extras.emplace_back().name = "*";
    settings.tasks.emplace_back().name = "*";
    Lister lister;
    visit_options(settings, Groups{}, lister);
    return lister.keys;
}

}  // namespace centerdecode
