// Settings to a text that is read back as the same settings.
#include "settings/visit.hpp"

namespace centerdecode {
namespace {

class Writer {
public:
    template <class T, class Parse>
    void entry(const std::string& key, const T& field, const Parse& /*parse*/) {
        add(key, text_of(field));
    }

    // What is left to its default is not written, unless the default is something else.
    template <class T, class Parse>
    void entry(const std::string& key, const std::optional<T>& field, const Parse& /*parse*/) {
        if (field || key.find("refinement.") != std::string::npos) add(key, text_of(field));
    }

    template <class T>
    bool group(const std::string& /*prefix*/, const std::optional<T>& field) {
        return field.has_value();
    }

    template <class T>
    void names(const std::string& key, const std::vector<T>& list) {
        std::vector<std::string> names;
        for (const T& one : list) names.push_back(one.name);
        if (!names.empty()) add(key, text_of(names));
    }

    void add(const std::string& key, const std::string& value) {
        text += (text.empty() ? "" : ";") + key + "=" + value;
    }

    std::string text;
};

}  // namespace

std::string write_settings(const Settings& settings) {
    Writer writer;
    writer.add("decoder", word_of(settings.decoder));
    writer.add("heads", text_of(settings.heads));
    for (std::size_t i = 0; i < settings.heads.size(); ++i)
        writer.add("names." + settings.heads[i], text_of(settings.names[i]));
    visit_options(settings, groups_of(settings.decoder), writer);
    return writer.text;
}

}  // namespace centerdecode
